import '../api/validation.ts';
import {
  ConnectionState,
  DisconnectReason,
  type Participant,
  type RemoteTrack,
  type Room,
  RoomEvent,
  type TextStreamReader,
  Track,
} from 'livekit-client';
import { CALL_TOPIC, type CallMessage, callIdOf, callMessage } from '../../../shared/api/calls.ts';
import type { CallEvent, Caption } from './call-state.ts';

const AGENT_STATE = 'lk.agent.state';

const PHASES: Partial<Record<ConnectionState, 'joined' | 'reconnecting'>> = {
  [ConnectionState.Connected]: 'joined',
  [ConnectionState.Reconnecting]: 'reconnecting',
  [ConnectionState.SignalReconnecting]: 'reconnecting',
};

export interface RoomListener {
  onEvent: (event: CallEvent) => void;
  onMessage: (message: CallMessage) => void;
}

/** Turns what happens in the room into call events. Must be called before the room is joined. */
export function watchRoom(room: Room, listener: RoomListener): void {
  const { onEvent, onMessage } = listener;
  readCaptions(room, (caption) => onEvent({ type: 'caption', caption }));

  function onAgent(participant: Participant) {
    const state = participant.attributes[AGENT_STATE];
    if (!participant.isLocal && state !== undefined) onEvent({ type: 'agent', state });
  }

  room
    .on(RoomEvent.ConnectionStateChanged, (state) => {
      const phase = PHASES[state];
      if (phase) onEvent({ type: 'phase', phase });
    })
    .on(RoomEvent.Connected, () => {
      onEvent({ type: 'call', callId: callIdOf(room.name) });
      room.remoteParticipants.forEach(onAgent);
    })
    .on(RoomEvent.Disconnected, (reason) =>
      onEvent({ type: 'left', reason: leavingReason(reason), atMs: performance.now() }),
    )
    .on(RoomEvent.ParticipantConnected, onAgent)
    .on(RoomEvent.ParticipantAttributesChanged, (_changed, participant) => onAgent(participant))
    .on(RoomEvent.ParticipantDisconnected, () => {
      if (room.remoteParticipants.size === 0) onEvent({ type: 'agent', state: 'left' });
    })
    .on(RoomEvent.TrackSubscribed, playAudio)
    .on(RoomEvent.TrackUnsubscribed, stopAudio)
    .on(RoomEvent.AudioPlaybackStatusChanged, () =>
      onEvent({ type: 'sound', blocked: !room.canPlaybackAudio }),
    )
    .on(RoomEvent.DataReceived, (payload, _participant, _kind, topic) => {
      const message = topic === CALL_TOPIC ? readMessage(payload) : null;
      if (!message) return;
      onEvent({ type: 'message', message, atMs: performance.now() });
      onMessage(message);
    });
}

function playAudio(track: RemoteTrack): void {
  if (track.kind === Track.Kind.Audio) document.body.append(track.attach());
}

function stopAudio(track: RemoteTrack): void {
  for (const element of track.detach()) element.remove();
}

function readMessage(payload: Uint8Array): CallMessage | null {
  try {
    return callMessage.parse(JSON.parse(new TextDecoder().decode(payload)));
  } catch (error) {
    // A newer agent may send what this page does not know; the call goes on without it.
    console.warn('a call message was not understood', error);
    return null;
  }
}

function leavingReason(reason: DisconnectReason | undefined): string {
  switch (reason) {
    case DisconnectReason.CLIENT_INITIATED:
      return 'hung_up';
    case DisconnectReason.DUPLICATE_IDENTITY:
      return 'duplicate_identity';
    case DisconnectReason.ROOM_DELETED:
    case DisconnectReason.ROOM_CLOSED:
    case DisconnectReason.PARTICIPANT_REMOVED:
      return 'agent_ended_the_call';
    default:
      return 'connection_lost';
  }
}

const TOPIC = 'lk.transcription';

/**
 * Reports the words of both sides as they come. LiveKit's text streams (https://docs.livekit.io/agents/build/text/):
 * the caller's words come as one stream per guess, each with the whole text, all with the same segment id;
 * the agent's as one stream that grows, and whose end is the end of the segment.
 */
function readCaptions(room: Room, onCaption: (caption: Caption) => void): void {
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
