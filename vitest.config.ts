import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['{api,host,control,agent,cni,proxy,cli,test}/**/*.test.ts'],
    testTimeout: 120_000,
    hookTimeout: 180_000,
    pool: 'forks',
    maxWorkers: 2,
    reporters: ['default', './test/summary-reporter.ts'],
  },
})
