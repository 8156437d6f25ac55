// Skip rules, as survey_app/questionnaire/routing.py applies them. Pure: no page in here.

function holds(condition, counted) {
  const chosen = counted.get(condition.question);
  if (!chosen || chosen.length === 0) return false;
  const isHit = chosen.some((code) => condition.options.includes(code));
  return isHit !== condition.negated;
}

/**
 * The codes of the questions that are asked, in order.
 * questions: [{code, askWhen: [condition]}]; answers: Map code → chosen codes.
 */
export function asked(questions, answers) {
  const counted = new Map();
  const codes = [];
  for (const { code, askWhen } of questions) {
    if (!askWhen.every((condition) => holds(condition, counted))) continue;
    codes.push(code);
    const chosen = answers.get(code);
    if (chosen && chosen.length > 0) counted.set(code, chosen);
  }
  return codes;
}
