import { type Codestream, damaged } from "./codestream.js";
import { bitReader, type TagTree, tagTree } from "./tagTree.js";

/** A rectangle of coefficients that is coded by itself. */
export interface CodeBlock {
  /** Where its first coefficient lies among those of the whole image, all bands side by side. */
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly band: Band;
  /** What has come of it, packet by packet. */
  readonly pieces: Uint8Array[];
  passes: number;
  zeroPlanes: number;
  lengthBits: number;
}

/** A band of coefficients: low or high frequencies along each axis. */
export interface Band {
  readonly kind: "LL" | "HL" | "LH" | "HH";
  /** Place in the list of quantisation steps. */
  readonly index: number;
}

interface BlockGrid {
  readonly blocks: readonly CodeBlock[];
  readonly inclusion: TagTree;
  readonly zeroPlanes: TagTree;
}

interface Precinct {
  readonly resolution: number;
  /** Its corner on the finest grid. */
  readonly x: number;
  readonly y: number;
  readonly grids: readonly BlockGrid[];
}

// A hundred layers of ten thousand precincts: none that encoders make come near.
const MAX_PACKETS = 1 << 20;

/**
 * The code blocks of an image, with the bytes that its packets hold of each.
 *
 * @throws `bad-file` if the packets are damaged or cut short
 * @see ITU-T T.800, annex B
 */
export function readPackets(stream: Codestream): readonly CodeBlock[] {
  const precincts = Array.from({ length: stream.levels + 1 }, (_, r) => precinctsOf(stream, r)).flat();
  if (precincts.length * stream.layers > MAX_PACKETS) throw damaged("it has more packets than an image may have");
  const packets = precincts.flatMap((precinct) => Array.from({ length: stream.layers }, (_, layer) => ({ precinct, layer })));
  packets.sort(orderOf(stream.progression));
  let at = 0;
  for (const { precinct, layer } of packets) at = readPacket(stream, at, precinct, layer);
  return precincts.flatMap(({ grids }) => grids.flatMap(({ blocks }) => blocks));
}

interface Packet {
  readonly precinct: Precinct;
  readonly layer: number;
}

/** The progression, of a single component. Precincts of a resolution come in rows already, and sorting is stable. */
function orderOf(progression: number): (a: Packet, b: Packet) => number {
  const layer = (a: Packet, b: Packet) => a.layer - b.layer;
  const resolution = (a: Packet, b: Packet) => a.precinct.resolution - b.precinct.resolution;
  const place = (a: Packet, b: Packet) => a.precinct.y - b.precinct.y || a.precinct.x - b.precinct.x;
  switch (progression) {
    case 0:
      return (a, b) => layer(a, b) || resolution(a, b) || place(a, b);
    case 1:
      return (a, b) => resolution(a, b) || layer(a, b) || place(a, b);
    case 2:
      return (a, b) => resolution(a, b) || place(a, b) || layer(a, b);
    case 3:
    case 4:
      return (a, b) => place(a, b) || resolution(a, b) || layer(a, b);
    default:
      throw damaged("its progression is none");
  }
}

const halved = (size: number, times: number) => Math.ceil(size / 2 ** times);

function precinctsOf(stream: Codestream, resolution: number): readonly Precinct[] {
  const { columns, rows, levels } = stream;
  const [logWidth, logHeight] = stream.precincts[resolution]!;
  const [width, height] = [halved(columns, levels - resolution), halved(rows, levels - resolution)];
  const [across, down] = [halved(width, logWidth), halved(height, logHeight)];
  if (across * down > MAX_PACKETS) throw damaged("it has more precincts than an image may have");
  const scale = 2 ** (levels - resolution);
  return Array.from({ length: across * down }, (_, n) => {
    const [px, py] = [n % across, Math.floor(n / across)];
    return {
      ...{ resolution, x: px * 2 ** logWidth * scale, y: py * 2 ** logHeight * scale },
      grids: bandsOf(stream, resolution).map((band) => blockGrid(stream, resolution, band, px, py)),
    };
  });
}

interface BandPlace extends Band {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** The bands of a resolution, and where each lies when all are put side by side: low frequencies first. */
function bandsOf({ columns, rows, levels }: Codestream, resolution: number): readonly BandPlace[] {
  const low = (size: number) => halved(size, levels - resolution + 1);
  if (resolution === 0)
    return [{ kind: "LL", index: 0, x: 0, y: 0, width: halved(columns, levels), height: halved(rows, levels) }];
  const [x, y] = [low(columns), low(rows)];
  const [width, height] = [halved(columns, levels - resolution) - x, halved(rows, levels - resolution) - y];
  const first = 3 * resolution - 2;
  return [
    { kind: "HL", index: first, x, y: 0, width, height: y },
    { kind: "LH", index: first + 1, x: 0, y, width: x, height },
    { kind: "HH", index: first + 2, x, y, width, height },
  ];
}

/** The code blocks of a band within a precinct. */
function blockGrid(stream: Codestream, resolution: number, band: BandPlace, px: number, py: number): BlockGrid {
  const shrink = resolution === 0 ? 0 : 1;
  const [logWidth, logHeight] = stream.precincts[resolution]!.map((log) => log - shrink) as [number, number];
  const [left, top] = [px * 2 ** logWidth, py * 2 ** logHeight];
  const [right, bottom] = [Math.min(band.width, left + 2 ** logWidth), Math.min(band.height, top + 2 ** logHeight)];
  const [blockWidth, blockHeight] = [2 ** Math.min(stream.blockWidth, logWidth), 2 ** Math.min(stream.blockHeight, logHeight)];
  const across = Math.max(0, Math.ceil((right - left) / blockWidth));
  const down = across === 0 ? 0 : Math.max(0, Math.ceil((bottom - top) / blockHeight));
  const blocks = Array.from({ length: across * down }, (_, n): CodeBlock => {
    const [x, y] = [left + (n % across) * blockWidth, top + Math.floor(n / across) * blockHeight];
    return {
      ...{ x: band.x + x, y: band.y + y, width: Math.min(blockWidth, right - x), height: Math.min(blockHeight, bottom - y) },
      ...{ band, pieces: [], passes: 0, zeroPlanes: 0, lengthBits: 3 },
    };
  });
  return { blocks, inclusion: tagTree(across, down), zeroPlanes: tagTree(across, down) };
}

/** Reads the packet that begins at a byte; tells where the next one does. */
function readPacket({ packets, packetMarkers }: Codestream, start: number, { grids }: Precinct, layer: number): number {
  const hasMarker = (at: number, marker: number) => packets[at] === 0xff && packets[at + 1] === marker;
  const reader = bitReader(packets, packetMarkers.start && hasMarker(start, 0x91) ? start + 6 : start);
  const coming: { readonly block: CodeBlock; readonly length: number }[] = [];
  if (reader.bit())
    for (const { blocks, inclusion, zeroPlanes } of grids)
      blocks.forEach((block, n) => {
        const first = block.passes === 0;
        if (first ? !inclusion.below(n, layer + 1, reader) : !reader.bit()) return;
        if (first) while (!zeroPlanes.below(n, block.zeroPlanes + 1, reader)) block.zeroPlanes++;
        const passes = readPasses(reader);
        while (reader.bit()) block.lengthBits++;
        if (block.lengthBits > 32) throw damaged("a code block is longer than it");
        block.passes += passes;
        coming.push({ block, length: reader.bits(block.lengthBits + Math.floor(Math.log2(passes))) });
      });
  let at = reader.align();
  if (packetMarkers.end && hasMarker(at, 0x92)) at += 2;
  for (const { block, length } of coming) {
    if (at + length > packets.length) throw damaged("its packets are cut short");
    block.pieces.push(packets.subarray(at, at + length));
    at += length;
  }
  return at;
}

/** How many passes of a code block come (T.800, table B.4). */
function readPasses(reader: ReturnType<typeof bitReader>): number {
  if (!reader.bit()) return 1;
  if (!reader.bit()) return 2;
  const few = reader.bits(2);
  if (few < 3) return 3 + few;
  const some = reader.bits(5);
  return some < 31 ? 6 + some : 37 + reader.bits(7);
}
