/** An object a token is tied to. */
export interface Reference { readonly name: string; readonly uid: string }

/** The user that a service account is. */
export const accountName = (namespace: string, name: string): string => `system:serviceaccount:${namespace}:${name}`

/** The issuer of long-lived tokens in Secrets, and what their claims begin with. */
export const legacyIssuer = 'kubernetes/serviceaccount'
export const legacyPrefix = 'kubernetes.io/serviceaccount/'

/** The claims of a long-lived token: without end, good as long as the Secret that holds it. */
export const legacyClaims = (namespace: string, secret: string, account: Reference): Record<string, unknown> => ({
  iss: legacyIssuer, [`${legacyPrefix}namespace`]: namespace, [`${legacyPrefix}secret.name`]: secret,
  [`${legacyPrefix}service-account.name`]: account.name, [`${legacyPrefix}service-account.uid`]: account.uid, sub: accountName(namespace, account.name),
})
