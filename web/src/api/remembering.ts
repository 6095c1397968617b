import { type MemoriesResponse, memoriesResponse } from '../../../shared/api/memories.ts';
import {
  type SettingsRequest,
  type SettingsResponse,
  settingsResponse,
} from '../../../shared/api/settings.ts';
import { request } from './request.ts';

/** How a person is spoken with, and what is remembered of them. Every method throws ApiError. */
export interface Remembering {
  settings(signal: AbortSignal): Promise<SettingsResponse>;
  /** What is left out stays as it is. */
  changeSettings(changes: SettingsRequest): Promise<SettingsResponse>;
  memories(signal: AbortSignal): Promise<MemoriesResponse>;
  correctMemory(id: string, text: string): Promise<MemoriesResponse>;
  eraseMemory(id: string): Promise<MemoriesResponse>;
  eraseAllMemories(): Promise<MemoriesResponse>;
}

/** @param own the path of everything that belongs to this person */
export function connectRemembering(own: string, accessToken: () => Promise<string>): Remembering {
  const one = (id: string) => `${own}/memories/${encodeURIComponent(id)}`;
  return {
    async settings(signal) {
      return request(settingsResponse, `${own}/settings`, { accessToken: await accessToken(), signal });
    },
    async changeSettings(changes) {
      const options = { method: 'PUT' as const, accessToken: await accessToken(), body: changes };
      return request(settingsResponse, `${own}/settings`, options);
    },
    async memories(signal) {
      return request(memoriesResponse, `${own}/memories`, { accessToken: await accessToken(), signal });
    },
    async correctMemory(id, text) {
      const options = { method: 'PATCH' as const, accessToken: await accessToken(), body: { text } };
      return request(memoriesResponse, one(id), options);
    },
    async eraseMemory(id) {
      return request(memoriesResponse, one(id), { method: 'DELETE', accessToken: await accessToken() });
    },
    async eraseAllMemories() {
      const options = { method: 'DELETE' as const, accessToken: await accessToken() };
      return request(memoriesResponse, `${own}/memories`, options);
    },
  };
}
