// What stands for every secret in the tests about secrets, and where it was found.

export const CANARY = 'canary'

/** The surroundings of each canary. */
export function hitsIn(texts: readonly string[]): string[] {
  return texts.flatMap((text) => [...text.matchAll(/.{0,80}canary.{0,40}/gi)].map(([hit]) => hit))
}
