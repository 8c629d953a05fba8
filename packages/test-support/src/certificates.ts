// Certificates by openssl, for 127.0.0.1 unless said otherwise: good ones of an authority of the test's own, and bad ones.

import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { makeTempFolder } from './temp.ts'

export interface Certificate {
  key: Buffer
  cert: Buffer
  /** The files of both. */
  keyPath: string
  certPath: string
}

interface Wish {
  /** @default 2; -1 is a day that is over */
  days?: number
  /** @default IP:127.0.0.1 */
  subject?: string
  /** @default false: signed by the authority */
  selfSigned?: boolean
}

export class CertificateAuthority {
  readonly #folder = makeTempFolder()
  #made = 0

  constructor() {
    this.#run(
      'req',
      '-x509',
      ...NEW_KEY,
      '-days',
      '2',
      '-subj',
      '/CN=authority',
      '-keyout',
      'ca.key',
      '-out',
      this.path,
    )
  }

  /** The folder of all files, for further ones. */
  get folder(): string {
    return this.#folder.path
  }

  get certificate(): Buffer {
    return readFileSync(this.path)
  }

  /** Its own certificate, for NODE_EXTRA_CA_CERTS. */
  get path(): string {
    return join(this.#folder.path, 'ca.crt')
  }

  make({ days = 2, subject = 'IP:127.0.0.1', selfSigned = false }: Wish = {}): Certificate {
    const name = `server${++this.#made}`
    const request = [
      ...NEW_KEY,
      '-subj',
      '/CN=collector',
      '-addext',
      `subjectAltName=${subject}`,
      '-keyout',
      `${name}.key`,
    ]
    if (selfSigned) this.#run('req', '-x509', ...request, '-days', String(days), '-out', `${name}.crt`)
    else {
      this.#run('req', ...request, '-out', `${name}.csr`)
      const signer = ['-CA', 'ca.crt', '-CAkey', 'ca.key', '-CAcreateserial', '-copy_extensions', 'copy']
      this.#run('x509', '-req', '-in', `${name}.csr`, ...signer, '-days', String(days), '-out', `${name}.crt`)
    }
    const [keyPath, certPath] = [join(this.#folder.path, `${name}.key`), join(this.#folder.path, `${name}.crt`)]
    return { key: readFileSync(keyPath), cert: readFileSync(certPath), keyPath, certPath }
  }

  close(): void {
    this.#folder.remove()
  }

  #run(...command: string[]): void {
    execFileSync('openssl', command, { cwd: this.#folder.path, stdio: ['ignore', 'ignore', 'pipe'] })
  }
}

const NEW_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
