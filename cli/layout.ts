import { join } from 'node:path'

/** Where everything of one cluster member lies on disk. All of it under three directories, so that two can live on one machine. */
export interface Layout {
  /** State that outlives a reboot: the store, keys, images. 0700. */
  readonly dataDir: string
  /** Sockets and pid files. */
  readonly runDir: string
  readonly logDir: string
}

export const defaultLayout: Layout = { dataDir: '/var/lib/k8ts', runDir: '/run/k8ts', logDir: '/var/log/k8ts' }

/** Everything below one directory: for labs and for trying things out. */
export const layoutUnder = (directory: string): Layout => ({ dataDir: join(directory, 'data'), runDir: join(directory, 'run'), logDir: join(directory, 'log') })

export const paths = (layout: Layout) => ({
  config: join(layout.dataDir, 'config.json'),
  pki: join(layout.dataDir, 'pki'),
  store: join(layout.dataDir, 'store', 'state.db'),
  kubeconfig: join(layout.dataDir, 'admin.kubeconfig'),
  containerd: { config: join(layout.dataDir, 'containerd.toml'), root: join(layout.dataDir, 'containerd'), state: join(layout.runDir, 'containerd'), socket: join(layout.runDir, 'containerd.sock') },
  cni: { confDir: join(layout.dataDir, 'cni', 'net.d'), binDir: join(layout.dataDir, 'cni', 'bin'), dataDir: join(layout.dataDir, 'cni', 'state'), socket: join(layout.runDir, 'cni.sock') },
  agent: join(layout.dataDir, 'agent'),
  pids: join(layout.runDir, 'pids'),
})

export type Paths = ReturnType<typeof paths>
