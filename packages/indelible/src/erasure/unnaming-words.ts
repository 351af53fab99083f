/** In the form in which names are compared: lower case, without accents. */
function words(text: string): readonly string[] {
  return text.trim().split(/\s+/);
}

/** How anybody is addressed, and what labels say of anybody: no part of a name. */
export const TITLES: ReadonlySet<string> = new Set(
  words(`
    mr mrs ms miss mx dr drs prof sir dame lord lady rev sr jr ii iii iv ph phd md msc bsc sc rn mstr master
    herr frau hr fr dhr mevr mw ir ing dipl mag monsieur madame mme mlle senor senora sra srta don dona
    sig signor signora dott pan pani haji hajj sheikh doctor professor
    patient patients client customer user member person name unknown anonymous deleted test admin system root nn na
    さん さま くん ちゃん 先生 女士 小姐 医生 医師 님 씨 선생님 환자
    السيد السيده الدكتور الدكتوره دكتور دكتوره доктор господин госпожа
  `),
);

/** They stand between the parts of many names, and alone they name nobody. */
export const PARTICLES: ReadonlySet<string> = new Set(
  words(`
    van von vom zu zum zur der den des dem die das het ten ter te de da do dos di del della dello dei degli du
    la le les lo los las il el al ul ad as ash an ar at az bin ibn bint abu umm abd ben bar bat ap mac mc
    san santa saint st af av og och und and the thi
    بن ابن بنت ابو ام ال عبد
  `),
);

/**
 * Words that stand in nearly every text: in one they name nobody, although some people are called so. What somebody
 * typed to search with is another matter.
 */
export const COMMON: ReadonlySet<string> = new Set(
  words(`
    able about above across after again all almost also always am among an and another any are around as asked at
    away back be because been before being best better between both but by call called can case change check child
    come could course day days did different do does done down each early end enough even ever every far few find
    first for found from full get give go going good great group had half hand has have he head help her here hers
    high him his home how if in into is it its just keep kind know large last late later least left less let life
    like line list little live long look lot low made make man many may me mean might more morning most much must
    my need never new next night no none nor not nothing now number of off office often old on once one only open
    or order other our out over own page part paid pay people place plan point present price put quite rather read
    real record right room said same saw say search second see seem seen sent set she should show side since small
    so some something soon still such sure take taken tell than that the their them then there these they thing
    think this those though three through time to today together told too took toward true turn two under until up
    upon us use used very visit want was way we week well went were what when where which while who whole why will
    with within without word work world would year years yes yesterday yet you young your
    auf aus bei bis das dass dem den der des die ein eine einen er es für fur hat ich ihr im ist ja mit nach nicht
    noch nur oder sein sich sie sind so um und uns vom von vor war was wie wir zu zum zur
    aan als bij dat de die door een en geen haar heeft het hij hoe ik is je maar met naar niet nog nu of om ook op
    over te tot uit van voor was wat we wel wij ze zijn
    au aux avec ce ces dans de des elle en est et il ils je la le les leur lui mais ne nous on ou par pas plus pour
    qui que sa se ses son sont sur un une vous
    al como con del el ella en era es esta la las lo los mas mi no nos para pero por que se sin su sus un una y
    ao com da das do dos ele em foi mas mais na nas nao nem no nos os ou para pela pelo por se sem seu sua um uma
    che chi come con da dei del della di gli ho io le lei lui ma mi ne nel non o per piu se si sono su ti tra un
  `),
);
