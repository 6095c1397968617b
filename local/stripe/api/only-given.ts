type OnlyGiven<Fields> = { [Name in keyof Fields]?: Exclude<Fields[Name], undefined> };

/** The fields a request gave: one that is present but undefined would overwrite what it is spread over. */
export function onlyGiven<Fields extends object>(fields: Fields): OnlyGiven<Fields> {
  return Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== undefined),
  ) as OnlyGiven<Fields>;
}
