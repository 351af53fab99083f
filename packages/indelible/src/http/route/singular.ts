/**
 * How an English plural becomes its singular: the first rule that fits. What no rule can know,
 * an application says in its own words.
 */
const RULES: readonly (readonly [RegExp, string])[] = [
  [/^(?:series|species|news|caries|herpes|diabetes|canvas|alias|atlas|bias|gas|lens|pancreas)$/i, '$&'],
  [/^(?:chaos|kudos|means|corps|sms|gps|dns|css|https)$/i, '$&'],
  [/(?:analy|statis|logis|mathema|poli|gene|robo|(?:ortho|perio|endo|prostho)don)tics$/i, '$&'],
  [/^(?:physics|ethics|economics|electronics)$/i, '$&'],
  [/people$/i, 'person'],
  [/children$/i, 'child'],
  [/^((?:wo)?m)en$/i, '$1an'],
  [/teeth$/i, 'tooth'],
  [/^f(?:ee)t$/i, 'foot'],
  [/criteria$/i, 'criterion'],
  [/phenomena$/i, 'phenomenon'],
  [/^(ind|append)ices$/i, '$1ex'],
  [/^(vert|cort)ices$/i, '$1ex'],
  [/^matrices$/i, 'matrix'],
  [/(gnos|cris|thes|(?:anal|dial|paral)ys|^ax)es$/i, '$1is'],
  [/^(shel|hal|wol|cal|sel)ves$/i, '$1f'],
  [/^(kni|wi|li)ves$/i, '$1fe'],
  [/^quizzes$/i, 'quiz'],
  [/^(canvas|alias|atlas|bias|gas|lens)es$/i, '$1'],
  [/^(movie|cookie|calorie|selfie|[a-z]ie)s$/i, '$1'],
  [/ies$/i, 'y'],
  [/((?:^|^re|exc|ab|ref|f|m|a|o)use)s$/i, '$1'],
  [/(us|ss|x|sh|zz|tz)es$/i, '$1'],
  [/(ache|niche)s$/i, '$1'],
  [/(ch)es$/i, '$1'],
  [/((?:^|sh)oe|^toe|^foe)s$/i, '$1'],
  [/(o)es$/i, '$1'],
  [/^(menu|sku|[cg]pu|api|kpi|emoji|wiki|taxi|alibi|ui)s$/i, '$1'],
  [/(?:ss|us|is)$/i, '$&'],
  [/s$/i, ''],
];

/** The singular of an English word; a word of two letters, or one that no rule fits, is as it is. */
export function singularOf(word: string): string {
  if (word.length <= 2) return word;
  const rule = RULES.find(([plural]) => plural.test(word));
  return rule === undefined ? word : word.replace(rule[0], rule[1]);
}
