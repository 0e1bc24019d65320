/** A new UID: a random UUID (version 4) as one decimal number below 2.25. @see DICOM PS3.5, B.2 */
export function randomUid(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6]! & 0x0f) | 0x40;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  return `2.25.${bytes.reduce((number, byte) => number * 256n + BigInt(byte), 0n)}`;
}

/** Whether text is a UID. */
export const isUid = (text: string): boolean => text.length <= 64 && /^(0|[1-9]\d*)(\.(0|[1-9]\d*))+$/.test(text);
