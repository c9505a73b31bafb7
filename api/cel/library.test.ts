import { describe, expect, test } from 'vitest'
import { CelError } from './cel.ts'
import type { CelQuestion } from './cel.ts'
import { compileCel } from './compile.ts'

const evaluate = (source: string, budget?: { left: number }): unknown => compileCel(source, { variables: { d: { kind: 'dyn' } }, jsonPatch: true }).evaluate({ d: { list: [3, 1, 2], text: 'x' } }, budget)
const message = (source: string): string => {
  try {
    return `no error: ${JSON.stringify(evaluate(source))}`
  } catch (error) {
    if (error instanceof CelError) return error.message
    throw error
  }
}

describe('what the libraries say', () => {
  test.each<[string, unknown]>([
    // strings
    ['"tacocat".charAt(3)', 'o'], ['"hello mellow".indexOf("ello", 2)', 7], ['"hello mellow".lastIndexOf("ello")', 7], ['"héllo".substring(1, 3)', 'él'], ['"a😀b".charAt(1)', '😀'], ['"a😀b".indexOf("b")', 2], ['"TacoÑ".lowerAscii()', 'tacoÑ'], ['"hello hello".replace("he", "we", 1)', 'wello hello'],
    ['"a,b,c".split(",", 2)', ['a', 'b,c']], ['"  x\\t".trim()', 'x'], ['["a", "b"].join("-")', 'a-b'], ['"abc".reverse()', 'cba'], ['"%s is %d, %.2f, %x, %b, 100%%".format([dyn("a"), 1, 1.5, 255, 5])', 'a is 1, 1.50, ff, 101, 100%'], ['"%s".format([[1, 2]])', '[1, 2]'], ['"%s".format([{"b": 1, "a": 2}])', '{a: 2, b: 1}'], ['strings.quote("a\\n\\"b")', '"a\\n\\"b"'],
    // lists, sets
    ['[1, 2, 2].isSorted()', true], ['["b", "a"].isSorted()', false], ['[1, 2, 3].sum()', 6], ['[1.5, 2.5].max()', 2.5], ['["b", "a"].min()', 'a'], ['[1, 2, 1].indexOf(1)', 0], ['[1, 2, 1].lastIndexOf(1)', 2], ['d.list.max()', 3], ['[duration("1s"), duration("1m")].sum() == duration("61s")', true],
    ['[1, 2, 3, 4].slice(1, 3)', [2, 3]], ['[3, 1, 2].sort()', [1, 2, 3]], ['[1, 2, 2].distinct()', [1, 2]], ['lists.range(3)', [0, 1, 2]], ['[[1], [2, 3]].flatten()', [1, 2, 3]], ['sets.contains([1, 2, 3], [2])', true], ['sets.equivalent([1, 2], [2, 1, 1])', true], ['sets.intersects(["a"], ["b"])', false],
    // regular expressions
    ['"abc 123".find("[0-9]+")', '123'], ['"123 abc 456".findAll("[0-9]+")', ['123', '456']], ['"123 abc 456".findAll("[0-9]+", 1)', ['123']], ['"foobar".matches("^foo.*$")', true], ['matches("x", "y")', false],
    // quantities
    ['quantity("1.5Gi").isLessThan(quantity("2Gi"))', true], ['quantity("50k").add(20).compareTo(quantity("50020"))', 0], ['quantity("50000").sub(quantity("50k")).sign()', 0], ['isQuantity("1.3Gigabytes")', false], ['quantity("200M").asInteger()', 200000000], ['quantity("1500m").asApproximateFloat()', 1.5], ['quantity("500m").isInteger()', false], ['quantity("1000m") == quantity("1")', true], ['quantity("1Gi")', '1Gi'],
    // addresses
    ['ip("192.168.0.1").family()', 4], ['ip.isCanonical("2001:DB8::1")', false], ['ip.isCanonical("2001:db8::1")', true], ['isIP("10.0.0.256")', false], ['isIP("::ffff:1.2.3.4")', false], ['ip("127.0.0.1").isLoopback() && ip("::1").isLoopback()', true], ['ip("0.0.0.0").isUnspecified()', true], ['ip("224.0.0.1").isLinkLocalMulticast()', true], ['ip("fe80::1").isLinkLocalUnicast()', true], ['ip("8.8.8.8").isGlobalUnicast()', true], ['string(ip("2001:DB8:0:0:0:0:0:1"))', '2001:db8::1'],
    ['cidr("192.168.0.0/24").containsIP("192.168.0.7")', true], ['cidr("10.0.0.0/8").containsCIDR(cidr("10.1.0.0/16"))', true], ['cidr("10.0.0.0/16").containsCIDR("10.0.0.0/8")', false], ['cidr("192.168.1.5/24").masked().ip() == ip("192.168.1.0")', true], ['cidr("::1/128").prefixLength()', 128], ['isCIDR("10.0.0.0/33")', false], ['string(cidr("192.168.0.0/24"))', '192.168.0.0/24'],
    // URLs
    ['url("https://example.com:80/a%20b?k=v1&k=v2#f").getHost()', 'example.com:80'], ['url("https://[::1]:80/").getHostname()', '::1'], ['url("https://example.com/").getPort()', ''], ['url("/path").getScheme()', ''], ['url("https://e.com/with space/").getEscapedPath()', '/with%20space/'], ['url("https://e.com/?k=a&k=b").getQuery()["k"]', ['a', 'b']], ['isURL("../relative")', false], ['isURL("https://a:9x/")', false],
    // formats, versions, JSON patch
    ['format.dns1123Label().validate("my-name").hasValue()', false], ['format.named("labelValue").value().validate("a b").value().size()', 1], ['format.named("nope").hasValue()', false], ['format.uuid().validate("x").value()', ['does not match the UUID format']], ['!format.date().validate("2026-02-30").hasValue()', false],
    ['semver("1.2.3").isLessThan(semver("1.10.0"))', true], ['semver("1.0.0-alpha").compareTo(semver("1.0.0"))', -1], ['isSemver("v1.0")', false], ['isSemver("v1.0", true)', true], ['semver("v01.01", true).minor()', 1], ['jsonpatch.escapeKey("k8s.io/my~label")', 'k8s.io~1my~0label'],
  ])('%s', (source, wanted) => expect(evaluate(source)).toEqual(wanted))
})

test.each([
  ['"abc".charAt(4)', 'index out of range: 4'], ['ip("nope")', 'IP Address "nope" parse error during conversion from string: ParseAddr("nope"): unable to parse IP'], ['quantity("1x")', "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"], ['quantity("500m").asInteger()', 'cannot convert value to integer'],
  ['[].max() == 1', 'max called on empty list'], ['"%d".format(["a"])', 'error during formatting: integer clause can only be used on integers, was given string'], ['url("x")', 'URL parse error during conversion from string: parse "x": invalid URI for request'],
])('%s fails: %s', (source, wanted) => expect(message(source)).toBe(wanted))

test('the authorizer is asked, and asking is dear', () => {
  const asked: CelQuestion[] = []
  const authorizer = { authorize: (question: CelQuestion) => (asked.push(question), { allowed: question.verb === 'get', reason: 'because' }), requestResource: { group: 'apps', resource: 'deployments', namespace: 'default' } }
  const ask = (source: string, budget?: { left: number }) => compileCel(source, { variables: {}, authorizer: true }).evaluate({ authorizer }, budget)
  const budget = { left: 1_000_000 }
  expect(ask('authorizer.group("").resource("pods").namespace("n").name("x").check("get").allowed()', budget)).toBe(true)
  expect(budget.left).toBeLessThan(700_000)
  expect(ask('authorizer.requestResource.check("delete").allowed()')).toBe(false)
  expect(ask('authorizer.serviceAccount("ns", "sa").path("/healthz").check("get").reason()')).toBe('because')
  expect(asked).toEqual([
    { group: '', resource: 'pods', namespace: 'n', name: 'x', verb: 'get' }, { group: 'apps', resource: 'deployments', namespace: 'default', verb: 'delete' },
    { serviceAccount: { namespace: 'ns', name: 'sa' }, path: '/healthz', verb: 'get' },
  ])
  expect(() => ask('["a", "b", "c"].all(v, authorizer.path("/x").check(v).allowed() || true)')).toThrow('operation cancelled: actual cost limit exceeded')
})
