/** What many policies do with their options. */

/** Names end up as metric labels. */
export const MAX_NAME_LENGTH = 256

/** Where a policy lives, which is no rule of it. */
const PLACE: readonly string[] = ['name', 'group', 'runtime', 'clock', 'random']

/** The rules among the options in force, as `describe` shows them: a runtime or a clock could not be printed. */
export function describedRules(options: object): object {
  return Object.freeze(Object.fromEntries(Object.entries(options).filter(([key]) => !PLACE.includes(key))))
}
