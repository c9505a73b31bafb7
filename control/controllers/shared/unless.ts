/** For a `catch`: swallows the errors that a predicate expects. Deletions accept absence this way. */
export const unless = (...expected: ((error: unknown) => boolean)[]) => (error: unknown): undefined => {
  if (!expected.some((isExpected) => isExpected(error))) throw error
}
