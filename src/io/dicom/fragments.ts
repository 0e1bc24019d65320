import { GadoliniteError } from "../../core/errors.js";
import { joinPieces } from "../joinPieces.js";

/**
 * The compressed bytes of each frame, from the pieces in which a file holds them.
 *
 * @param fragments the table of offsets (perhaps empty), then the pieces
 * @param frames number of frames
 * @param extended the table of 64-bit offsets, if the file has one
 * @throws `bad-file` if they can't be told apart
 * @see DICOM PS3.5, A.4
 */
export function frameBytes(fragments: readonly Uint8Array[], frames: number, extended?: Uint8Array): readonly Uint8Array[] {
  const [table = new Uint8Array(0), ...pieces] = fragments;
  if (frames === 1) return [pieces.length === 1 ? pieces[0]! : joinPieces(pieces)];
  if (pieces.length === frames) return pieces;
  const offsets = extended ? offsetsOf(extended, 8) : offsetsOf(table, 4);
  if (offsets.length !== frames)
    throw new GadoliniteError(
      "bad-file",
      `${frames} frames are compressed into ${pieces.length} pieces, and no table says which belong together.`,
    );
  const starts = startsOf(pieces);
  return offsets.map((offset, n) => {
    const [from, to] = [starts.indexOf(offset), n + 1 < frames ? starts.indexOf(offsets[n + 1]!) : pieces.length];
    if (from < 0 || to <= from)
      throw new GadoliniteError("bad-file", `The table of offsets points to no piece for frame ${n + 1}: it is damaged.`);
    return joinPieces(pieces.slice(from, to));
  });
}

function offsetsOf(table: Uint8Array, size: 4 | 8): readonly number[] {
  const view = new DataView(table.buffer, table.byteOffset, table.byteLength);
  return Array.from({ length: Math.floor(table.length / size) }, (_, n) =>
    size === 4 ? view.getUint32(4 * n, true) : Number(view.getBigUint64(8 * n, true)),
  );
}

/** Where pieces begin, counted from the first one's header of eight bytes. */
function startsOf(pieces: readonly Uint8Array[]): readonly number[] {
  let at = 0;
  return pieces.map(({ length }) => {
    const start = at;
    at += length + 8;
    return start;
  });
}
