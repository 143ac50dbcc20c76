from __future__ import annotations

import pytest

from bot.effects.http.address_guard import page_url, read_origin, require_allowed, resolve_all
from bot.release.refusal import Code, Refusal

INSIDE = [
    "127.0.0.1",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.1.1",
    "100.64.0.1",
    "0.0.0.0",
    "224.0.0.1",
    "::1",
    "::",
    "fe80::1%eth0",
    "fd00::1",
    "::ffff:127.0.0.1",
    "2002:7f00:1::",
    "64:ff9b::10.0.0.1",
]
METADATA = ["169.254.169.254", "::ffff:169.254.169.254", "fd00:ec2::254", "100.100.100.200"]
PUBLIC = ["93.184.216.34", "2606:2800:220:1::1", "64:ff9b::93.184.216.34"]


@pytest.mark.parametrize("address", INSIDE)
def test_an_inside_address_needs_allow_private(address: str) -> None:
    with pytest.raises(Refusal) as refused:
        require_allowed("shop.example", (address,), allow_private=False)
    assert refused.value.code is Code.ADDRESS_FORBIDDEN
    assert refused.value.failed.startswith("shop.example is ")
    require_allowed("shop.example", (address,), allow_private=True)


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
