import { createReadStream } from "node:fs"
import { createServer } from "node:http"
import { basename } from "node:path"

/**
 * A read-only npm registry on loopback that knows the given packages and nothing else, so that an install from
 * it works offline and fails when a package needs something it does not declare.
 * @param packages `[{ manifest, tarball }]`, one version of each name
 * @returns `{ url, close }`
 */
export async function serveRegistry(packages) {
  const byName = new Map(packages.map((pkg) => [pkg.manifest.name, pkg]))
  const tarballs = new Map(packages.map(({ tarball }) => [basename(tarball), tarball]))
  const server = createServer((request, response) => {
    const path = decodeURIComponent(request.url.slice(1))
    const tarball = tarballs.get(path.replace(/^-\//, ""))
    if (tarball) return createReadStream(tarball).pipe(response)
    const pkg = byName.get(path)
    response.writeHead(pkg ? 200 : 404, { "content-type": "application/json" })
    response.end(
      JSON.stringify(pkg ? packument(pkg, `http://${request.headers.host}`) : { error: "not found" }),
    )
  })
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve))
  return { url: `http://127.0.0.1:${server.address().port}`, close: () => server.close() }
}

function packument({ manifest, tarball }, base) {
  const { name, version } = manifest
  const dist = { tarball: `${base}/-/${basename(tarball)}` }
  return { name, "dist-tags": { latest: version }, versions: { [version]: { ...manifest, dist } } }
}
