/**
 * Loads what the background parts load, so that Node's compile cache holds all of it before they start: a part that has
 * to strip the types of 500 files itself is two seconds later and keeps 40 MB for it. Run once by the launcher.
 */
await Promise.all([import('./up.ts'), import('./server.ts'), import('./agent.ts'), import('../control/pki/certificate.ts')])
