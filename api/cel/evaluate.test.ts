import { describe, expect, test } from 'vitest'
import { CelError } from './cel.ts'
import type { CelEnvironment, CelType } from './cel.ts'
import { compileCel } from './compile.ts'

const container: CelType = { kind: 'object', name: 'Container', fields: { name: { kind: 'string' }, image: { kind: 'string' }, cpu: { kind: 'quantity' }, ports: { kind: 'list', items: { kind: 'int' } } } }
const environment: CelEnvironment = {
  variables: {
    self: {
      kind: 'object', name: 'Self', fields: {
        replicas: { kind: 'int' }, minReplicas: { kind: 'int' }, maxReplicas: { kind: 'int' }, ratio: { kind: 'double' }, name: { kind: 'string' }, namespace: { kind: 'string' }, 'x-prop': { kind: 'int' }, 'redact__d': { kind: 'int' },
        at: { kind: 'timestamp' }, until: { kind: 'timestamp' }, ttl: { kind: 'duration' }, data: { kind: 'bytes' }, port: { kind: 'intOrString' }, items: { kind: 'list', items: { kind: 'string' } }, containers: { kind: 'list', items: container },
        labels: { kind: 'map', items: { kind: 'string' } }, any: { kind: 'dyn' }, set: { kind: 'list', items: { kind: 'string' }, listType: 'set' }, gone: { kind: 'string' },
      },
    },
    object: { kind: 'dyn' }, x: { kind: 'int' }, list: { kind: 'list', items: { kind: 'int' } },
  },
}
const values = {
  self: {
    replicas: 3, minReplicas: 1, maxReplicas: 10, ratio: 2, name: 'web', namespace: 'default', 'x-prop': 7, 'redact__d': 8, at: '2026-01-02T03:04:05Z', until: '2026-01-03T03:04:05Z', ttl: '1h30m', data: 'aGVsbG8=', port: 80, items: ['a', 'b', 'c'],
    containers: [{ name: 'a', image: 'reg.example/a:1', cpu: '100m', ports: [80, 443] }, { name: 'b', image: 'b', cpu: '1', ports: [] }], labels: { app: 'web', 'a.b/c': 'd' }, any: { n: 1, f: 1.5, nothing: null, deep: { list: [1, 'two'] } }, set: ['p', 'q'],
  },
  object: { spec: { replicas: 5, template: { labels: {} } }, metadata: { name: 'n' } }, x: 4, list: [1, 2, 3, 4],
}

const evaluate = (source: string, budget?: { left: number }): unknown => compileCel(source, environment).evaluate(values, budget)

function messageOf(work: () => unknown): string {
  try {
    return `no error: ${JSON.stringify(work())}`
  } catch (error) {
    if (!(error instanceof CelError)) throw error
    return error.message
  }
}

describe('values and operators', () => {
  test.each<[string, unknown]>([
    ['1 + 2 * 3 - 4 / 2 % 3', 5], ['-7 / 2', -3], ['-7 % 2', -1], ['1.5 + 2.5', 4], ['7u - 2u', 5], ['0x1F', 31], ['--3', 3], ['!!true', true], ['1e3', 1000],
    ['"a" + \'b\' + r"\\n" + """c"d"""', 'ab\\nc"d'], ['"\\u00e9\\x41\\101\\t"', 'éAA\t'], ['b"abc" + b"\\x00" == b"abc\\000"', true], ['size("\\U0001F600x")', 2], ['{"a-b": 1}.`a-b` == 1', true],
    ['true ? 1 : 2', 1], ['1 < 2.5 && 3u >= 3', true], ['dyn(1) == dyn(1.0)', true], ['dyn(1) == dyn("1")', false], ['"ä" > "z"', true], ['null == null', true], ['[1, 2] + [3] == [1, 2, 3]', true], ['{"a": 1, "b": 2} == {"b": 2, "a": 1}', true],
    ['2 in [1, 2]', true], ['"a" in {"a": 1}', true], ['{1: "x"}[1]', 'x'], ['[1, 2, 3][1]', 2], ['{"a": {"b": [7]}}.a.b[0]', 7], ['type(1) == int', true], ['type({}) == map', true], ['type(timestamp("2020-01-01T00:00:00Z")) == google.protobuf.Timestamp', true],
    ['9223372036854775807', 9223372036854775807n], ['int("42") + int(3.9) + int(2u)', 47], ['string(1.0)', '1'], ['string(1.5e30)', '1.5e+30'], ['double("1.5")', 1.5], ['bool("true")', true], ['string(b"hi")', 'hi'], ['string(duration("90m"))', '5400s'],
  ])('%s', (source, wanted) => expect(evaluate(source)).toEqual(wanted))
})

describe('declared types', () => {
  test.each<[string, unknown]>([
    ['self.replicas >= self.minReplicas && self.replicas <= self.maxReplicas', true], ['self.ratio / 4.0', 0.5], ['self.__namespace__', 'default'], ['self.x__dash__prop + self.redact__underscores__d', 15], ['has(self.gone) || has(self.name)', true],
    ['self.until - self.at == duration("24h")', true], ['self.at.getFullYear()', 2026], ['self.at + self.ttl > self.until', false], ['self.ttl.getMinutes()', 90], ['self.data == b"hello"', true], ['type(self.port) == int ? self.port == 80 : self.port == "80%"', true],
    ['self.containers.all(c, c.image.contains("/") || c.name == "b")', true], ['self.containers.exists(c, 443 in c.ports)', true], ['self.containers.map(c, c.name)', ['a', 'b']], ['self.containers.filter(c, size(c.ports) > 0).map(c, c.name)', ['a']],
    ['self.labels["a.b/c"]', 'd'], ['"app" in self.labels && self.labels.app == "web"', true], ['self.labels.all(k, k.size() > 2)', true], ['self.any.n + 1', 2], ['self.any.f == 1.5', true], ['self.any.nothing == null', true], ['self.any.deep.list[1]', 'two'],
    ['self.set == ["q", "p"]', true], ['(self.set + ["q", "r"]).size()', 3], ['object.spec.replicas <= 5', true], ['object.metadata.name.startsWith("n")', true], ['self.containers[0]', values.self.containers[0]],
    ['self.items.exists_one(i, i == "a")', true], ['list.map(i, i % 2 == 0, i * 10)', [20, 40]], ['has(object.spec.missing)', false], ['self.at.getHours("+02:00")', 5], ['self.at.getHours("America/New_York")', 22], ['self.at.getDayOfWeek()', 5],
  ])('%s', (source, wanted) => expect(evaluate(source)).toEqual(wanted))
})

describe('optionals and two variables', () => {
  test.each<[string, unknown]>([
    ['self.?gone.orValue("none")', 'none'], ['self.?name.hasValue()', true], ['object.?spec.?nope.?deeper.orValue(3)', 3], ['object.?spec.replicas.orValue(0)', 5], ['list[?9].orValue(-1)', -1], ['self.labels[?"app"].value()', 'web'], ['[1, ?optional.none(), ?optional.of(2)]', [1, 2]],
    ['{"a": 1, ?"b": optional.none()}', { a: 1 }], ['optional.of(2).optMap(v, v * 2).value()', 4], ['optional.none().optMap(v, v).hasValue()', false], ['optional.of(1).or(optional.of(2)).value()', 1], ['optional.ofNonZeroValue("").hasValue()', false],
    ['[4, 5].all(i, v, v == i + 4)', true], ['{"a": 1}.exists(k, v, k == "a" && v == 1)', true], ['[1, 2].transformList(i, v, i * 10 + v)', [1, 12]], ['{"a": 1, "b": 2}.transformMap(k, v, v > 1, v * 2)', { b: 4 }], ['{"a": "x"}.transformMapEntry(k, v, {v: k})', { x: 'a' }], ['[1, 2, 2].existsOne(i, v, v == 1)', true],
  ])('%s', (source, wanted) => expect(evaluate(source)).toEqual(wanted))
})

describe('errors that do not matter are forgiven', () => {
  test.each<[string, unknown]>([
    ['true || 1 / 0 > 1', true], ['1 / 0 > 1 || true', true], ['false && object.nope', false], ['object.nope && false', false], ['[0, 1].exists(i, 1 / i == 1)', true], ['[0, 1].all(i, 1 / i == 2)', false],
  ])('%s', (source, wanted) => expect(evaluate(source)).toBe(wanted))
  test.each([
    ['1 / 0', 'division by zero'], ['5 % 0', 'modulus by zero'], ['object.nope', 'no such key: nope'], ['list[9]', 'index out of bounds: 9'], ['9223372036854775807 + x', 'integer overflow'], ['1u - 2u', 'unsigned integer overflow'], ['optional.none().value()', 'optional.none() dereference'],
    ['object.metadata.name + 1', 'no such overload'], ['timestamp("x" + "")', 'parsing time "x" as "2006-01-02T15:04:05Z07:00": cannot parse "x" as "2006"'], ['duration("x" + "")', 'time: invalid duration "x"'], ['object.nope || false', 'no such key: nope'], ['{"a": 1, "a": 2}', 'Failed with repeated key: a'],
  ])('%s: %s', (source, wanted) => expect(messageOf(() => evaluate(source))).toBe(wanted))
})

describe('what does not compile', () => {
  test.each([
    ['y + 1', "ERROR: <input>:1:1: undeclared reference to 'y' (in container '')\n | y + 1\n | ^"],
    ['self.nope == 1', "ERROR: <input>:1:5: undefined field 'nope'\n | self.nope == 1\n | ....^"],
    ['x + "a"', "ERROR: <input>:1:3: found no matching overload for '_+_' applied to '(int, string)'\n | x + \"a\"\n | ..^"],
    ['1 == 1.0', "ERROR: <input>:1:3: found no matching overload for '_==_' applied to '(int, double)'\n | 1 == 1.0\n | ..^"],
    ['self.name.nope()', "ERROR: <input>:1:15: undeclared reference to 'nope' (in container '')\n | self.name.nope()\n | ..............^"],
    ['self.replicas.startsWith("a")', "ERROR: <input>:1:25: found no matching overload for 'startsWith' applied to 'int.(string)'\n | self.replicas.startsWith(\"a\")\n | ........................^"],
    ['1 +', "ERROR: <input>:1:4: Syntax error: mismatched input '<EOF>' expecting {'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}\n | 1 +\n | ...^"],
    ['[1, "a"]', "ERROR: <input>:1:5: expected type 'int' but found 'string'\n | [1, \"a\"]\n | ....^"],
    ['self.replicas.all(x, true)', "ERROR: <input>:1:5: expression of type 'int' cannot be range of a comprehension (must be list, map, or dynamic)\n | self.replicas.all(x, true)\n | ....^"],
    ['x ==\n  y', "ERROR: <input>:2:3: undeclared reference to 'y' (in container '')\n |   y\n | ..^"],
    ['duration("x") > duration("1s")', 'ERROR: <input>:1:10: invalid duration argument\n | duration("x") > duration("1s")\n | .........^'],
    ['"a".matches("(")', 'ERROR: <input>:1:13: invalid matches argument\n | "a".matches("(")\n | ............^'],
    ['has(x)', 'ERROR: <input>:1:5: invalid argument to has() macro\n | has(x)\n | ....^'],
  ])('%s', (source, wanted) => expect(messageOf(() => compileCel(source, environment))).toBe(`compilation failed: ${wanted}`))

  test('the result is of the wrong type', () => {
    expect(messageOf(() => compileCel('1', { ...environment, result: 'bool' }))).toBe('must evaluate to bool')
    expect(messageOf(() => compileCel('1', { ...environment, result: ['string', 'null'] }))).toBe('must evaluate to one of [string null_type]')
    expect(compileCel('object.x', { ...environment, result: 'bool' }).mentions('object')).toBe(true)
  })

  test('deep nesting is refused', () => expect(messageOf(() => compileCel(`${'('.repeat(5000)}1${')'.repeat(5000)}`, environment))).toContain('expression recursion limit exceeded: 250'))
})

describe('cost', () => {
  test('nested loops over long lists stop', () => {
    const program = compileCel('list.all(a, list.all(b, list.all(c, a + b + c >= 0)))', environment)
    expect(messageOf(() => program.evaluate({ list: Array.from({ length: 1000 }, (_, i) => i) }))).toBe('operation cancelled: actual cost limit exceeded')
  })

  test('a bomb of text stops', () => {
    const doubled = (depth: number): string => (depth === 0 ? '"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"' : `[${doubled(depth - 1)}].map(s, s + s)[0]`)
    expect(messageOf(() => evaluate(doubled(24)))).toBe('operation cancelled: actual cost limit exceeded')
  })

  test('the budget counts down and ends', () => {
    const budget = { left: 60 }
    expect(evaluate('list.all(i, i > 0)', budget)).toBe(true)
    expect(budget.left).toBeLessThan(50)
    expect(messageOf(() => { for (;;) evaluate('list.all(i, i > 0)', budget) })).toContain('out of cost budget')
    expect(budget.left).toBe(0)
  })

  test('patterns that ruin others take no time', () => expect(evaluate('"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!".matches("^(a+)+$")')).toBe(false))
})

test('__proto__ is a name like any other', () => {
  const program = compileCel('has(object.__proto__) || "__proto__" in object || has(object.constructor)', environment)
  expect(program.evaluate({ object: {} })).toBe(false)
  expect(program.evaluate({ object: JSON.parse('{"__proto__": 1}') })).toBe(true)
})
