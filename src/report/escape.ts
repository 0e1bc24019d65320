// Control characters other than tab and line ends, halves of surrogate pairs, and two non-characters: XML 1.0 has no place for them.
const FORBIDDEN = /(?![\t\n\r])\p{Cc}|\p{Cs}|[\ufffe\uffff]/gu;

/** A text as it may stand in XML or HTML, between tags or in a quoted attribute; what XML has no place for becomes U+FFFD. */
export function escapeMarkup(text: string): string {
  return text
    .replace(FORBIDDEN, "\ufffd")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;");
}
