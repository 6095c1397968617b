import { spawn } from 'node:child_process';
import { createServer } from 'node:http';

// Stands for any service: says that it is ready, and keeps a child that only a kill of the whole group reaches.
spawn('sleep', ['1000'], { stdio: 'ignore' });
if (process.env.FAKE_CRASH === 'yes') {
  console.log('the fake breaks down');
  process.exit(3);
}
const port = process.env.FAKE_PORT;
if (port) createServer((_request, response) => response.end('ok')).listen(Number(port), '127.0.0.1');
console.log(JSON.stringify({ ready: true, url: 'http://127.0.0.1:1' }));
setInterval(() => {}, 1000);
