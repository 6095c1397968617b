import {
  ConnectionState,
  DisconnectReason,
  type Participant,
  type RemoteTrack,
  type Room,
  RoomEvent,
  Track,
} from 'livekit-client';
import { CALL_TOPIC, type CallMessage, callMessage } from '../../../shared/api/calls.ts';
import type { CallEvent } from './call-state.ts';
import { readCaptions } from './read-captions.ts';

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
    .on(RoomEvent.Connected, () => room.remoteParticipants.forEach(onAgent))
    .on(RoomEvent.Disconnected, (reason) => onEvent({ type: 'left', reason: leavingReason(reason) }))
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
