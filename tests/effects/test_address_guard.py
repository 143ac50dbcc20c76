from __future__ import annotations

from ipaddress import ip_address

import pytest

from bot.effects.http.address_guard import page_url, read_origin, require_allowed, resolve_all
from bot.effects.http.networks import NETWORKS, innermost, inside
from bot.release.refusal import Code, Refusal

# Each class of addresses, with how the refusal calls it; those that `allow_private` opens come first.
PRIVATE = {
    "127.0.0.1": "a loopback address",
    "127.255.255.254": "a loopback address",
    "::1": "a loopback address",
    "10.0.0.0": "a private address",
    "10.255.255.255": "a private address",
    "172.16.0.1": "a private address",
    "172.31.255.255": "a private address",
    "192.168.1.1": "a private address",
    "fc00::1": "a private address",
    "fd00::1": "a private address",
    "169.254.1.1": "a link-local address",
    "fe80::1": "a link-local address",
    "fe80::1%eth0": "a link-local address",
    "fec0::1": "a site-local address",
    "100.64.0.1": "a carrier's shared address",
    "100.127.255.255": "a carrier's shared address",
    "0.0.0.0": "an unspecified address",
    "0.1.2.3": "an unspecified address",
    "::": "an unspecified address",
    "198.18.0.1": "an address for benchmarks",
    "::ffff:127.0.0.1": "a loopback address",
    "::ffff:0:127.0.0.1": "a loopback address",
    "::127.0.0.1": "a loopback address",
    "::ffff:10.1.2.3": "a private address",
    "2002:7f00:1::": "a loopback address",
    "2002:a00:1::1": "a private address",
    "2002:c0a8:101::1": "a private address",
    "64:ff9b::10.0.0.1": "a private address",
    "64:ff9b:1::10.0.0.1": "a private address",
    # Teredo: the client's address, here 192.168.1.1 and 127.0.0.1, stands inverted at the end.
    "2001:0:4136:e378:8000:63bf:3f57:fefe": "a private address",
    "2001:0:4136:e378:8000:63bf:80ff:fffe": "a loopback address",
}
NOBODYS = {
    "224.0.0.1": "a multicast address",
    "239.255.255.250": "a multicast address",
    "ff02::1": "a multicast address",
    "ff0e::1": "a multicast address",
    "::ffff:224.0.0.1": "a multicast address",
    "255.255.255.255": "the broadcast address",
    "64:ff9b::255.255.255.255": "the broadcast address",
    "240.0.0.1": "a reserved address",
    "192.0.2.1": "an address for documentation",
    "198.51.100.7": "an address for documentation",
    "203.0.113.9": "an address for documentation",
    "2001:db8::1": "an address for documentation",
    "3fff::1": "an address for documentation",
    "2002:c000:0201::1": "an address for documentation",
    "192.0.0.8": "a protocol's own address",
    "192.88.99.1": "a 6to4 relay's address",
    "2001:2::1": "a protocol's own address",
    "2001:20::1": "a protocol's own address",
    "100::1": "a reserved address",
    "5f00::1": "a reserved address",
    "4000::1": "a reserved address",
}
METADATA = [
    "169.254.169.254",
    "::ffff:169.254.169.254",
    "::169.254.169.254",
    "64:ff9b::169.254.169.254",
    "64:ff9b:1::169.254.169.254",
    "2002:a9fe:a9fe::1",
    "2001:0:4136:e378:8000:63bf:5601:5601",
    "fd00:ec2::254",
    "100.100.100.200",
]
PUBLIC = [
    "93.184.216.34",
    "9.255.255.255",
    "11.0.0.0",
    "100.63.255.255",
    "100.128.0.0",
    "172.15.255.255",
    "172.32.0.0",
    "192.167.255.255",
    "223.255.255.255",
    "2606:2800:220:1::1",
    "2001:200::1",
    "64:ff9b::93.184.216.34",
    "::ffff:93.184.216.34",
    "2002:5db8:d822::1",
]


def refused(address: str, *, allow_private: bool) -> Refusal:
    with pytest.raises(Refusal) as caught:
        require_allowed("shop.example", (address,), allow_private=allow_private)
    assert caught.value.code is Code.ADDRESS_FORBIDDEN
    return caught.value


@pytest.mark.parametrize(("address", "name"), PRIVATE.items())
def test_an_inside_address_needs_allow_private(address: str, name: str) -> None:
    refusal = refused(address, allow_private=False)
    assert refusal.failed.startswith("shop.example is ")
    assert refusal.failed.endswith(f", {name} and not on the public internet. No request was sent.")
    assert "`allow_private = true`" in refusal.expected
    require_allowed("shop.example", (address,), allow_private=True)


@pytest.mark.parametrize(("address", "name"), NOBODYS.items())
@pytest.mark.parametrize("allow_private", [False, True])
def test_an_address_that_no_shop_can_have_is_refused_always(
    address: str, name: str, allow_private: bool
) -> None:
    refusal = refused(address, allow_private=allow_private)
    assert f", {name} and not" in refusal.failed
    assert "allow_private" not in refusal.expected


def test_every_network_of_the_table_has_its_test() -> None:
    tried = [innermost(ip_address(text.partition("%")[0])) for text in (*PRIVATE, *NOBODYS)]
    untried = [
        str(row.network) for row in NETWORKS if not any(inside(address) == row for address in tried)
    ]
    assert untried == []


@pytest.mark.parametrize("address", METADATA)
@pytest.mark.parametrize("allow_private", [False, True])
def test_a_metadata_address_is_refused_always(address: str, allow_private: bool) -> None:
    with pytest.raises(Refusal, match="metadata address"):
        require_allowed("shop.example", (address,), allow_private=allow_private)


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_is_allowed(address: str) -> None:
    require_allowed("shop.example", (address,), allow_private=False)


def test_one_inside_address_among_public_ones_is_enough_to_refuse() -> None:
    with pytest.raises(Refusal, match=r"10\.0\.0\.1"):
        require_allowed("shop.example", (PUBLIC[0], "10.0.0.1"), allow_private=False)


@pytest.mark.parametrize(
    "url",
    [
        "ftp://shop.example",
        "file:///etc/passwd",
        "shop.example",
        "http://",
        "http://user:word@shop.example",
        "http://shop.example/?q=1",
        "http://shop.example/#part",
        "http://shop.example:99999",
        "http://[::1",
    ],
)
def test_only_a_plain_http_origin_is_probed(url: str) -> None:
    with pytest.raises(Refusal) as refused:
        read_origin(url)
    assert refused.value.code is Code.ADDRESS_FORBIDDEN
    assert "word" not in str(refused.value)


def test_a_path_is_only_ever_appended_to_the_origin() -> None:
    origin = read_origin("https://shop.example:8443/base/")
    assert (origin.host, origin.port) == ("shop.example", 8443)
    assert page_url(origin, "//evil.example/x") == "https://shop.example:8443/base//evil.example/x"
    assert read_origin("https://shop.example").port == 443


@pytest.mark.parametrize(
    "path", ["products", "@evil.example/", ".evil.example/", "/a b", "/a\r\nHost: x", "/\\evil", ""]
)
def test_a_path_that_leads_elsewhere_is_refused(path: str) -> None:
    with pytest.raises(Refusal, match="is no path of the environment"):
        page_url(read_origin("http://shop.example"), path)


def test_a_host_is_resolved_to_all_its_addresses() -> None:
    assert "127.0.0.1" in resolve_all("127.0.0.1", 80)
