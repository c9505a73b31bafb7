import { resolve } from 'node:path'
import type { Command } from 'commander'
import type { AuthenticationConfig } from './authentication-config.ts'

const list = (text: string): string[] => text.split(',').map((item) => item.trim()).filter(Boolean)
const more = (text: string, before: readonly string[] | undefined): string[] => [...before ?? [], text]

/** The flags of `kube-apiserver` and `kube-controller-manager` about who gets in; `''` for a file or URL takes it back. */
export const withAuthentication = (command: Command): Command => command
  .option('--token-auth-file <file>', 'CSV of tokens: token,user,uid,"group,group"')
  .option('--api-audiences <names>', 'for whom service account tokens must be, with commas between; default the issuer', list)
  .option('--service-account-key-file <file>', 'a further key by which those tokens are known, while keys are changed; may be repeated', more)
  .option('--service-account-issuer <url>', 'who issues those tokens; may be repeated: the first issues, all are known', more)
  .option('--legacy-service-account-token-no-auto-generation [boolean]', 'make no Secret with a token for each service account', (text: string) => text !== 'false')
  .option('--oidc-issuer-url <url>', 'an OpenID Connect provider whose ID tokens are believed')
  .option('--oidc-client-id <id>', 'for whom they must be')
  .option('--oidc-username-claim <claim>', 'default sub')
  .option('--oidc-username-prefix <prefix>', 'default the issuer and #; - for none')
  .option('--oidc-groups-claim <claim>', 'where the groups are; default none')
  .option('--oidc-groups-prefix <prefix>', 'before each group')
  .option('--oidc-required-claim <key=value>', 'what tokens must say; may be repeated', more)
  .option('--oidc-signing-algs <algorithms>', 'with commas between; default RS256', list)
  .option('--oidc-ca-file <file>', 'who signs the provider\'s certificate; default the authorities of the system')

/** What was asked for on the command line; undefined where nothing was. */
export function askedAuthentication(options: Record<string, any>): { readonly [Name in keyof AuthenticationConfig]: AuthenticationConfig[Name] | undefined } {
  const orNull = (value: string | undefined) => (value === '' ? null : value)
  const file = (value: string | undefined) => (value ? resolve(value) : orNull(value))
  return {
    tokenAuthFile: file(options['tokenAuthFile']), apiAudiences: options['apiAudiences'],
    serviceAccountKeyFiles: options['serviceAccountKeyFile']?.map((name: string) => resolve(name)), serviceAccountIssuers: options['serviceAccountIssuer'],
    legacyServiceAccountTokenNoAutoGeneration: options['legacyServiceAccountTokenNoAutoGeneration'],
    oidcIssuerURL: orNull(options['oidcIssuerUrl']), oidcClientID: options['oidcClientId'], oidcUsernameClaim: options['oidcUsernameClaim'], oidcUsernamePrefix: options['oidcUsernamePrefix'],
    oidcGroupsClaim: options['oidcGroupsClaim'], oidcGroupsPrefix: options['oidcGroupsPrefix'], oidcRequiredClaims: options['oidcRequiredClaim'], oidcSigningAlgs: options['oidcSigningAlgs'],
    oidcCAFile: file(options['oidcCaFile']),
  }
}
