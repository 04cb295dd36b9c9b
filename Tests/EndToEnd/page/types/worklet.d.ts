// What an audio worklet finds in its scope (Web Audio API, 1.32), which TypeScript does not declare.

declare const sampleRate: number;

declare class AudioWorkletProcessor {
  readonly port: MessagePort;
}

declare function registerProcessor(name: string, processor: new () => AudioWorkletProcessor): void;
