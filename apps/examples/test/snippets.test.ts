import { execFile } from "node:child_process"
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { promisify } from "node:util"
import { describe, expect, test } from "vitest"
import { blocksOf, compiled, outputPattern, pages, root, workshop, writePrograms } from "./pages.js"

const run = promisify(execFile)
const minute = 60_000

rmSync(workshop, { recursive: true, force: true })
mkdirSync(workshop, { recursive: true })
const programs = pages().flatMap(writePrograms)

/** Where the pages' short names of files begin. */
const sources = [".", "packages/core/src", "packages/python-bridge/python/src/snakepit_bridge"].map(
  (folder) => join(root, folder),
)

/** What the programs need to compile: the house's own rules, but a snippet may leave a name unused. */
writeFileSync(
  join(workshop, "tsconfig.json"),
  JSON.stringify({
    extends: join(root, "tsconfig.base.json"),
    compilerOptions: {
      composite: false,
      declaration: false,
      declarationMap: false,
      noUnusedLocals: false,
      rootDir: ".",
    },
    include: ["."],
  }),
)

const compilation = run(join(root, "node_modules/.bin/tsc"), ["-p", workshop]).catch(
  (error: { stdout: string }) => ({ stdout: error.stdout }),
)

describe("what the pages show", () => {
  test("type-checks", { timeout: minute }, async () => {
    const { stdout } = await compilation
    expect(stdout).toBe("")
  })

  test.each(programs.map((program) => [`${program.page}:${program.line}`, program] as const))(
    "%s runs, and prints what it says",
    { timeout: minute },
    async (_, program) => {
      await compilation
      const { stdout } = await run(process.execPath, [compiled(program)], {
        cwd: program.folder,
        timeout: minute,
      })
      for (const output of program.outputs) expect(stdout).toMatch(outputPattern(output))
    },
  )
})

describe("what the pages point at", () => {
  test("npm commands are scripts of the root", () => {
    const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"))
    const shell = pages()
      .flatMap(blocksOf)
      .filter(({ language }) => language === "sh")
    const names = shell.flatMap(({ code }) =>
      [...code.matchAll(/^npm (?:run )?(?!install\b)([\w-]+)/gm)].map(([, name]) => name),
    )
    expect(names).toContain("start")
    for (const name of names) expect(Object.keys(scripts)).toContain(name)
  })

  test.each(pages())("links and files of %s exist", (page) => {
    const text = readFileSync(join(root, page), "utf8")
    const links = [...text.matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, link]) =>
      join(root, page, "..", `${link}`),
    )
    const files = [...text.matchAll(/`((?:[\w-]+\/)+[\w-]+\.(?:ts|py|mjs|json|md))`/g)].map(
      ([, file]) => `${file}`,
    )
    expect(links.filter((link) => !existsSync(link))).toEqual([])
    expect(files.filter((file) => !sources.some((folder) => existsSync(join(folder, file))))).toEqual([])
  })
})
