import type { Room, TextStreamReader } from 'livekit-client';
import type { Caption } from './captions.ts';

const TOPIC = 'lk.transcription';

/**
 * Reports the words of both sides as they come. LiveKit's text streams (https://docs.livekit.io/agents/build/text/):
 * the caller's words come as one stream per guess, each with the whole text, all with the same segment id;
 * the agent's as one stream that grows, and whose end is the end of the segment.
 */
export function readCaptions(room: Room, onCaption: (caption: Caption) => void): void {
  room.registerTextStreamHandler(TOPIC, (reader, sender) => {
    void readSegment(reader, speakerOf(room, reader, sender.identity), onCaption);
  });
}

async function readSegment(
  reader: TextStreamReader,
  speaker: Caption['speaker'],
  onCaption: (caption: Caption) => void,
): Promise<void> {
  const attributes = reader.info.attributes ?? {};
  const segmentId = attributes['lk.segment_id'] ?? reader.info.id;
  const final = attributes['lk.transcription_final'] === 'true';
  let text = '';
  try {
    for await (const chunk of reader) {
      text += chunk;
      onCaption({ segmentId, speaker, text, final });
    }
  } catch (error) {
    // The sender left in the middle of a sentence: what was heard stays on the page.
    console.warn('a caption was cut off', error);
  }
  if (speaker === 'agent' && text !== '') onCaption({ segmentId, speaker, text, final: true });
}

function speakerOf(room: Room, reader: TextStreamReader, senderIdentity: string): Caption['speaker'] {
  const trackId = reader.info.attributes?.['lk.transcribed_track_id'];
  const own = room.localParticipant;
  const ownTrack = trackId !== undefined && own.trackPublications.has(trackId);
  return ownTrack || senderIdentity === own.identity ? 'caller' : 'agent';
}
