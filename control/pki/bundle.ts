/** The certificates of a PEM bundle, each as PEM; whatever else stands in it is left out. */
export const certificatesIn = (bundle: string): string[] => bundle.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----\n?/g) ?? []
