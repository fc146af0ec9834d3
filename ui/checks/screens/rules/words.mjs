// Latin words that a Chinese window may show: units, formats and short names that people in the trade read as signs.
export const ALLOWED = [
  /^(PIN|PC|PDF|UTC|CNY|SHA|USB|ID|CA)$/,
  /^(KiB|MiB|GiB|px|ms)$/,
  /^(Conclave|Enter|Esc|Tab|Ctrl|Space|Home|End|PgUp|PgDn|Page[A-Z]\w+)$/,
  // Fields of a rulebook, as a finding about a tender package names them.
  /^weights$/,
  // Lines of the table of law and marks of a result: VOTE-MAJ, DED-SME, STOP.
  /^(DED|SME|VOTE|MAJ|STOP|MIN|COM)$/,
];

/** Code names of a committee: a sign that stands alone, a name in any language. */
export const CODE_NAMES = /(?<!\p{Script=Han})[松竹梅兰菊荷桂枫柏桃李杏柳槐榆桐](?!\p{Script=Han})/gu;

/** Paths of files and ids of programs, whole. */
export const SIGNS = /(?:^|[\s（(：])\/[\w./-]+|\bhttps?:\S+|[\w./-]*\.(?:tar|json|pdf|toml)\b/g;
