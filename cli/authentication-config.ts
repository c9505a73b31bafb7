import { createPublicKey } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import type { AuthenticationOptions } from '../control/server/authentication/create-authentication.ts'
import type { OIDCOptions } from '../control/server/authentication/oidc.ts'
import { parseTokenFile } from '../control/server/authentication/static-tokens.ts'
import type { RequestHeaderOptions } from '../control/server/authentication/request-header.ts'

/** Who gets in beside the holders of the cluster's certificates: the part of the configuration that says it, by the original's flags. */
export interface AuthenticationConfig {
  /** CSV of tokens; null: none. */
  readonly tokenAuthFile: string | null
  /** For whom service account tokens must be; empty: the issuer. */
  readonly apiAudiences: readonly string[]
  /** Further keys (PEM, public or private) by which those tokens are known: those of before, while keys are changed. */
  readonly serviceAccountKeyFiles: readonly string[]
  /** The first is `iss` of new tokens, all are known; empty: the one of every cluster. */
  readonly serviceAccountIssuers: readonly string[]
  /** Service accounts get no Secret with a token by themselves. */
  readonly legacyServiceAccountTokenNoAutoGeneration: boolean
  /** A provider of ID tokens; null: none. */
  readonly oidcIssuerURL: string | null
  readonly oidcClientID: string
  readonly oidcUsernameClaim: string
  /** Empty: the issuer and `#`. */
  readonly oidcUsernamePrefix: string
  readonly oidcGroupsClaim: string
  readonly oidcGroupsPrefix: string
  /** `key=value`, each of which a token must say. */
  readonly oidcRequiredClaims: readonly string[]
  readonly oidcSigningAlgs: readonly string[]
  /** Who signs the provider's certificate; null: the authorities of the system. */
  readonly oidcCAFile: string | null
}

export const authenticationDefaults: AuthenticationConfig = Object.freeze({
  tokenAuthFile: null, apiAudiences: [], serviceAccountKeyFiles: [], serviceAccountIssuers: [], legacyServiceAccountTokenNoAutoGeneration: false,
  oidcIssuerURL: null, oidcClientID: '', oidcUsernameClaim: 'sub', oidcUsernamePrefix: '', oidcGroupsClaim: '', oidcGroupsPrefix: '', oidcRequiredClaims: [], oidcSigningAlgs: ['RS256'], oidcCAFile: null,
})

const isText = (value: unknown): value is string => typeof value === 'string'
const isFile = (value: unknown): boolean => value === null || (isText(value) && value.startsWith('/'))

/** What is wrong with it, in words for the person who gave it. Its values may be of any type. */
export function authenticationProblems(config: AuthenticationConfig): string[] {
  const problems: string[] = []
  const refuse = (wrong: boolean, sentence: string) => void (wrong && problems.push(sentence))
  const quote = (value: unknown) => JSON.stringify(value)
  for (const name of ['tokenAuthFile', 'oidcCAFile'] as const) refuse(!isFile(config[name]), `${name} ${quote(config[name])} is not an absolute path`)
  for (const name of ['apiAudiences', 'serviceAccountKeyFiles', 'serviceAccountIssuers', 'oidcRequiredClaims', 'oidcSigningAlgs'] as const) refuse(!Array.isArray(config[name]) || !config[name].every(isText), `${name} ${quote(config[name])} is not a list of texts`)
  for (const name of ['oidcClientID', 'oidcUsernameClaim', 'oidcUsernamePrefix', 'oidcGroupsClaim', 'oidcGroupsPrefix'] as const) refuse(!isText(config[name]), `${name} ${quote(config[name])} is not a text`)
  refuse(typeof config.legacyServiceAccountTokenNoAutoGeneration !== 'boolean', 'legacyServiceAccountTokenNoAutoGeneration must be true or false')
  if (problems.length > 0) return problems
  const { oidcIssuerURL: issuer } = config
  for (const file of config.serviceAccountKeyFiles) refuse(!isFile(file), `serviceAccountKeyFiles ${quote(file)} is not an absolute path`)
  refuse(issuer !== null && !(isText(issuer) && URL.canParse(issuer) && issuer.startsWith('https://')), `oidcIssuerURL ${quote(issuer)} is not an https URL`)
  refuse(issuer !== null && config.oidcClientID === '', 'oidcIssuerURL needs an oidcClientID')
  refuse(config.oidcRequiredClaims.some((claim) => !/^[^=]+=/.test(claim)), `oidcRequiredClaims ${quote(config.oidcRequiredClaims)} are not of the form key=value`)
  refuse(config.oidcSigningAlgs.some((algorithm) => !/^(RS|ES|PS)(256|384|512)$/.test(algorithm)), `oidcSigningAlgs ${quote(config.oidcSigningAlgs)} are not among RS256, RS384, RS512, ES256, ES384, ES512, PS256, PS384, PS512`)
  return problems
}

/** The server's options. `read` gives a file's text and rejects when there is none. */
export async function authenticationOptions(config: AuthenticationConfig, requestHeader: RequestHeaderOptions, read: (path: string) => Promise<string>): Promise<AuthenticationOptions> {
  const { tokenAuthFile, apiAudiences, serviceAccountIssuers } = config
  const oidc = await oidcOptions(config, read)
  return {
    requestHeader, apiAudiences, serviceAccountKeys: await Promise.all(config.serviceAccountKeyFiles.map(async (file) => publicKey(await read(file), file))), serviceAccountIssuers: serviceAccountIssuers.slice(1),
    ...(tokenAuthFile !== null && { tokens: parseTokenFile(await read(tokenAuthFile), tokenAuthFile) }),
    ...(oidc && { oidc }),
  }
}

function publicKey(pem: string, file: string): KeyObject {
  try {
    return createPublicKey(pem)
  } catch {
    throw new Error(`Cannot use ${file}: it is no key in PEM`)
  }
}

async function oidcOptions(config: AuthenticationConfig, read: (path: string) => Promise<string>): Promise<OIDCOptions | undefined> {
  const { oidcIssuerURL, oidcCAFile, oidcUsernamePrefix, oidcGroupsClaim } = config
  if (oidcIssuerURL === null) return undefined
  const claims = config.oidcRequiredClaims.map((claim) => [claim.slice(0, claim.indexOf('=')), claim.slice(claim.indexOf('=') + 1)] as const)
  return {
    issuerURL: oidcIssuerURL, clientID: config.oidcClientID, usernameClaim: config.oidcUsernameClaim, signingAlgs: config.oidcSigningAlgs, requiredClaims: Object.fromEntries(claims),
    ...(oidcUsernamePrefix !== '' && { usernamePrefix: oidcUsernamePrefix }),
    ...(oidcGroupsClaim !== '' && { groupsClaim: oidcGroupsClaim, groupsPrefix: config.oidcGroupsPrefix }),
    ...(oidcCAFile !== null && { ca: await read(oidcCAFile) }),
  }
}
