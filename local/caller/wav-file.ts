/**
 * A RIFF WAVE file of 16-bit samples.
 * @param channels one array per channel; shorter ones end in silence
 */
export function wavFile(channels: readonly Int16Array[], sampleRate: number): Buffer {
  const frames = Math.max(...channels.map((channel) => channel.length));
  const frameBytes = channels.length * 2;
  const file = Buffer.alloc(44 + frames * frameBytes);
  file.write('RIFF', 0);
  file.writeUInt32LE(file.length - 8, 4);
  file.write('WAVEfmt ', 8);
  file.writeUInt32LE(16, 16);
  file.writeUInt16LE(1, 20);
  file.writeUInt16LE(channels.length, 22);
  file.writeUInt32LE(sampleRate, 24);
  file.writeUInt32LE(sampleRate * frameBytes, 28);
  file.writeUInt16LE(frameBytes, 32);
  file.writeUInt16LE(16, 34);
  file.write('data', 36);
  file.writeUInt32LE(frames * frameBytes, 40);
  for (const [index, channel] of channels.entries()) {
    channel.forEach((sample, frame) => {
      file.writeInt16LE(sample, 44 + frame * frameBytes + index * 2);
    });
  }
  return file;
}
