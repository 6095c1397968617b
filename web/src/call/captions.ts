export interface Caption {
  segmentId: string;
  speaker: 'agent' | 'caller';
  text: string;
  /** False while the words may still change. */
  final: boolean;
}

/** Long calls would otherwise slow the page down. */
const KEEP = 300;

/** Adds a segment, or brings a known one up to date; what is final stays as it is. */
export function withCaption(captions: Caption[], update: Caption): Caption[] {
  const index = captions.findIndex((caption) => caption.segmentId === update.segmentId);
  if (index === -1) return [...captions, update].slice(-KEEP);
  // Streams of one segment are read side by side, so an interim one may be read to its end after the final one.
  if (captions[index]?.final && !update.final) return captions;
  return captions.with(index, update);
}
