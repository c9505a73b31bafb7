import type { Reporter, TestCase, TestModule } from 'vitest/node'

/**
 * The last words of a test run, so that its tail alone tells what happened: what was skipped, a line for each file and
 * group, what failed and why, then one line `N passed, N failed, N skipped`.
 */
export default class SummaryReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly { readonly message: string }[]): void {
    let passed = 0
    const failed: string[] = errors.map(({ message }) => `outside of tests: ${message}`)
    const skipped = new Map<string, number>()
    for (const module of modules) {
      const cases = [...module.children.allTests()]
      if (cases.length === 0 && module.state() === 'failed') failed.push(`${module.relativeModuleId}: ${wordsOf(module.errors())}`)
      for (const test of cases) {
        const result = test.result()
        const name = `${module.relativeModuleId}: ${test.fullName}`
        if (result.state === 'passed') passed += 1
        else if (result.state === 'failed') failed.push(`${name}: ${wordsOf(result.errors)}`)
        else {
          const group = `${module.relativeModuleId}: ${groupOf(test)}${'note' in result && result.note ? `: ${result.note}` : ''}`
          skipped.set(group, (skipped.get(group) ?? 0) + 1)
        }
      }
    }
    for (const [group, count] of skipped) console.log(`skipped ${count} in ${group}`)
    for (const line of failed) console.log(`failed  ${line}`)
    console.log(`\n${passed} passed, ${failed.length} failed, ${[...skipped.values()].reduce((sum, count) => sum + count, 0)} skipped`)
  }
}

const wordsOf = (errors: readonly { readonly message: string }[]) => errors.map(({ message }) => message).join('; ')

/** The outermost group where that one is skipped whole, with its reason in its name; else the test. */
function groupOf(test: TestCase): string {
  let outermost: string | undefined
  for (let parent = test.parent; parent.type === 'suite'; parent = parent.parent) outermost = parent.options.mode === 'skip' ? parent.name : outermost
  return outermost ?? test.fullName
}
