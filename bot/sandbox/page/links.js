// Which addresses may become links.

/** The address if it is one that may be followed, else null. */
export function safeUrl(text) {
  let url;
  try {
    url = new URL(text, location.href);
  } catch {
    return null;
  }
  return ["http:", "https:", "mailto:"].includes(url.protocol) ? url.href : null;
}

/** The address of a picture if it may be loaded, else null. */
export function safeImage(text) {
  const url = safeUrl(text);
  return url?.startsWith("http") ? url : null;
}
