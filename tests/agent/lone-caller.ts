import { joinRoom } from '../../local/caller/room-caller.ts';

/** A caller in a process of its own, who can be killed: in the room until then. */
const [serverUrl = '', token = ''] = process.argv.slice(2);
await joinRoom(serverUrl, token, () => {});
console.log('joined');
setInterval(() => {}, 60_000);
