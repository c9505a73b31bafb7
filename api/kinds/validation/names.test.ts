import { describe, expect, test } from 'vitest'
import * as names from './names.ts'

const label = "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
const subdomain = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
const label1035 = "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')"
const namePart = "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"

const cases: [keyof typeof names, string, string[]][] = [
  ['dnsLabel', 'web-0', []],
  ['dnsLabel', 'Web', [label]],
  ['dnsLabel', '', [label]],
  ['dnsLabel', 'a.b', ['must not contain dots']],
  ['dnsLabel', 'a'.repeat(64), ['must be no more than 63 characters']],
  ['dnsSubdomain', 'a.b-c.d', []],
  ['dnsSubdomain', 'a_b', [subdomain]],
  ['dnsSubdomain', `${'a'.repeat(253)}.b`, ['must be no more than 253 characters']],
  ['dnsSubdomainWithUnderscore', '_srv.a_b.c', []],
  ['dnsLabel1035', 'web', []],
  ['dnsLabel1035', '0web', [label1035]],
  ['qualifiedName', 'app', []],
  ['qualifiedName', 'example.com/app.kubernetes', []],
  ['qualifiedName', '/app', ['prefix part must be non-empty']],
  ['qualifiedName', 'Example.com/app', [`prefix part ${subdomain}`]],
  ['qualifiedName', 'example.com/', ['name part must be non-empty', namePart]],
  ['qualifiedName', 'a b', [namePart]],
  ['qualifiedName', 'n'.repeat(64), ['name part must be no more than 63 characters']],
  ['labelValueRule', '', []],
  ['labelValueRule', 'a/b', ["a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"]],
  ['configMapKey', '.hidden_key-1', []],
  ['configMapKey', '..', ["must not be '..'"]],
  ['configMapKey', '..data', ["must not start with '..'"]],
  ['configMapKey', 'a/b', ["a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')"]],
  ['portName', 'http', []],
  ['portName', '80', ['must contain at least one letter (a-z)']],
  ['portName', '-a--b', ['must not contain consecutive hyphens', 'must not begin or end with a hyphen']],
  ['portName', 'a-very-long-port-name', ['must be no more than 15 characters']],
  ['envVarName', 'A b.c-1', []],
  ['envVarName', 'A=B', ["a valid environment variable name must consist only of printable ASCII characters other than '='"]],
  ['envVarName', '', ['environment variable name must be non-empty']],
  ['percentage', '25%', []],
  ['percentage', 'x', ["a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')"]],
  ['pathSegment', 'Any Name', []],
  ['pathSegment', 'a/b%c', ["may not contain '/'", "may not contain '%'"]],
  ['pathSegment', '..', ["may not be '..'"]],
]

describe('names', () => {
  test.each(cases)('%s of %j', (rule, value, expected) => {
    expect((names[rule] as (value: string) => string[])(value)).toEqual(expected)
  })

  test('a prefix may end in a dash', () => {
    expect(names.asPrefix(names.dnsSubdomain)('web-')).toEqual([])
    expect(names.asPrefix(names.dnsSubdomain)('Web-')).toEqual([subdomain])
  })

  test('a slash too many is told with the whole form', () => {
    expect(names.qualifiedName('a/b/c')[0]).toMatch(/^a valid label key must consist of .* with an optional DNS subdomain prefix and '\/' \(e\.g\. 'example\.com\/MyName'\)$/)
  })
})
