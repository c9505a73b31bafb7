import type { Reporter, TestModule } from 'vitest/node'

/** The last words of a test run: what was skipped and why, then one line `N passed, N failed, N skipped`. */
export default class SummaryReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    let passed = 0
    let failed = errors.length
    const skipped: string[] = []
    for (const module of modules) {
      const cases = [...module.children.allTests()]
      if (cases.length === 0 && module.state() === 'failed') failed += 1
      for (const test of cases) {
        const result = test.result()
        if (result.state === 'passed') passed += 1
        else if (result.state === 'failed') failed += 1
        else skipped.push(`${module.relativeModuleId}: ${test.fullName}${'note' in result && result.note ? `: ${result.note}` : ''}`)
      }
    }
    for (const line of skipped) console.log(`skipped  ${line}`)
    console.log(`\n${passed} passed, ${failed} failed, ${skipped.length} skipped`)
  }
}
