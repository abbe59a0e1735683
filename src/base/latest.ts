// Maps that drop their oldest entries: a Map keeps the order of insertion, so its first key is the oldest.

/** Puts `value` in as the latest entry; beyond `most` entries the oldest ones are dropped. */
export function putLatest<Key, Value>(map: Map<Key, Value>, key: Key, value: Value, most: number): void {
  map.delete(key);
  map.set(key, value);
  for (const oldest of map.keys()) {
    if (map.size <= most) return;
    map.delete(oldest);
  }
}
