"""Make ctxtools/_core/abbreviations.txt: words that say whether a full stop ends a sentence.

    apt-get install unicode-cldr-core=41-0.1
    python scripts/build_abbreviations.py /usr/share/unicode/cldr/common/segments

Unicode's CLDR 41 (Unicode License, see NOTICE) lists words whose full stop is no end, by language,
in eight of them. Here the language of a text is not known: so what is a common word, in any
language with the same script, is left out, or is no abbreviation before a capital letter. What CLDR
lacks is below. The kinds are explained in ``kernel/src/text/sentences/abbreviations.rs``.
"""

import hashlib
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from xml.etree import ElementTree

TARGET = Path(__file__).parent.parent / "ctxtools" / "_core" / "abbreviations.txt"
LANGUAGES = ("de", "en", "es", "fr", "it", "pt", "ru")
# Of the files of these languages, one after the other.
SHA256 = "f350d8ce9c4a792aa17a78648447652548c31bcfd78e952c760d382fa026bef0"

# Words that an "=" precedes are meant as they are written; the others also with a first capital,
# and in capitals.

# Titles, and what needs a word after it, whatever that is.
NEVER = """
=On Msgr Mssrs Mons Bp Abp Cllr Egr Spett Ill.mo Almte Cmdt dypl płk ppłk mjr kpt akad
RNDr PaedDr MVDr т.зв архим митр прот डॉ प्रो श्री पं ดร
Mr Mrs Ms Mx Messrs Mmes Dr Drs Prof Profs Rev Revd Hon Pres Gov Govs Sen Sens Rep Reps Amb Atty
Supt Capt Cpt Cmdr Comdr Cdr Gen Gens Lt Maj Sgt Cpl Pvt Adm Brig Insp Det vs cf viz e.g i.e =eg
=ie Lt.Cdr Lt.Col Maj.Gen Hon.B.A
Hr Hrn Frl bzw vgl sog z.B d.h m.a.W bspw
MM Mme Mlle Mlles Mgr p.ex
Sra Sras Srta Srtas Sres Dra Dras Lic Licdo Lcdo Lcda Ldo Lda Arq Dña Excmo Excma Excmos Excmas
Exmo Exma Exmos Exmas Ilmo Ilma Ilmos Ilmas Rvdo Rvdos Rvdmo Rvdmos Rdo Rdos Gral Cnel Tte p.ej
v.gr p.es Sig Sigg Sig.ra Sig.na Dott Dott.ssa Prof.ssa Avv Geom Rag cfr Profa Eng Pe
np tzn tzw tj m.in ul św inż mgr zob
např tzv popř napr ing judr mudr phdr npr
bijv d.w.z dhr mevr drs
t.ex dvs d.v.s f.eks jfr
esim pvz piem =nt bkz
Doç Yrd Jl Tn Ny =TP =ThS =PGS
проф акад доц инж канд ул просп пер наб бул ср напр т.е т.к т.н т.о т.ч св тов лейт т.нар вж
вул ім див
π.χ λ.χ δηλ βλ κ κα κος δρ
"""

# The same before a name, which rarely is a word that starts sentences.
NAME = "St Ste Sr Jr Mt Mts Ft v Col Sto Sta Fr Bros sen jun"

# What is usually followed, and ends a sentence only before a word that starts sentences.
MIDDLE = """
thm thms lem =Sect =Prop =Props =Cor =Def =Defs =Rem =Ex =App alg algs eqn eqns expt expts sects
subsec appx exs tbsp tbsps tsp tsps pkg pkgs doz qty accts bldgs rm rms ste =Coll
cir supp cty cnty twp subj pfc sqn regt batt adv adj conj
=prof =sig =sra =srta =sres =dra =apr =med =phil =jur =rer =habil =arch
Abg Abtlg Allg i.Allg Amtsbl Anz Aufs Ausf bearb begr Bem Betr betr Bez bez Buchst dgl dergl desgl
Diss Doz durchschn eidg eingetr Einl Einw Erl ersch Fakt Forts gegr gepr geschl Geschw ggü grds
Hdb hl insb insbes jährl klass Konf Kr Krs künstl landw Lfg lfd luth männl masch mdl milit mittl
monatl Nachm nachm natürl nördl niederl o.J o.O öffentl örtl östl poln prakt russ sächs schriftl
schwed slaw staatl stellv südl techn Teiln theol tschech türk u.dgl u.E übers Übers ugs ungar urk
Verl Veröff versch Vertr vertr verw vmtl Vorb vorl Vorm vorm weibl westl wirtsch wiss Wiss zahlr
zeitl zus Zus zw zzt bât bibl coll constr contemp descr doct écon élém équip étym fasc fém géogr
impr introd littér masc orth paragr photogr plur préf prép pseud réd rép sér spéc suppl théol
topogr vétér vx gral admvo apdo asoc atte ayto ctra cta dcho drch entlo esq excl expte
gob gte ilustr impto izdo mayúsc mens pdte pobl ppal pral párr párrs prol ptas pza sdad secr sgte
sgtes sust supl tfno tlf urb vcto artt codd egr esempl f.lli f.to figg giur lett d.lgs d.l
d.m racc rappr rif segg sett tavv trad v.le p.zza cia coord edif pç tít profs mun nac
aanv afb afd bijz boekw ds enkelv fam gebr ged getr hfst hoofdst i.p.v i.s.m i.t.t inh jo
m.b.v m.n n.a.v nrs o.b.v o.l.v ong opm pag t.a.v t.b.v t.g.v t.o.v vnl voorz wnd
bł br czł egz fot gimn jęz kard lic maks mec nast niem odc okr oprac pkt płn poz ppor
przyp publ rozdz ryc rys sek sierż skr społ spółdz stow szer tłum tyg ur wlkp wsch współ wyd
zach zał zaw zb zm bř čís čj hod násl obd odd odst předn příl příp přibl roč stř škpt vyd
zejm zvl č.p avd ekskl enl etg exkl f.d f.n f.ö fr.o.m t.o.m föreg förf gm iflg inkl jvf kap kgl
kl m.a.o m.h.a nuv omkr p.g.a stk tekn tfn utg vard vedr vha årg äv övers
nro klo puh milj mrd yht alk ifj özv évf szül dlui cca jud Sn Alb Opr Uzm çev doğ ölm krş örn
абз англ архит библ биол букв вост вып геогр деп дир дисс докл доп ед ежедн зав зам зап засл избр
илл инв искл исп испр каб колл комн конст корп крат лаб марш междунар муз наз напеч
нач кон сер науч обр окр опубл ориг осн отв отд офиц пед пом посл пр прибл прил прим продолж
произв псевд публ разг рег реж рец росс русск совр сокр соч спец сущ техн тж
указ устар уч учеб фак фам физ филол филос франц хим хоз худ церк числ чл экз экон электр
юр яз буд бульв відп гром ілюстр літ міжнар пл пров розд вх ап срв
approx incl fig figs eq eqs =Vol vols ch chs chap chaps pp pg pgs paras nos eds trans
illus exx cl cols bk bks vv ll ca al resp esp dept depts univ inst acad assoc assn natl
intl govt mfg mfr tel attn temp avg std misc orig hwy blvd bldg rte jct
Ave Rd Rte Pkwy Sq Ltd Inc Corp Co Cos Pty Pte Cie Cía Ltda Ges
Ala Ariz Calif Colo Conn Del Fla Ga Ill Ind Kan Ky Md Minn Mont Neb Nev Okla Ore Pa Penn Tenn
Tex Va Vt Wis Wyo Ont Alta Sask
Proc Natl Acad Sci Chem Phys Biol Med Lett Commun Trans =Am Eur Br Int Technol Conf Symp Adv Appl
Environ Hist Philos Psychol Soc Theor Exp Clin Pharmacol Neurosci Genet Mol Nucl Electr Comput
Bull Suppl Ph.D Ph.Ds U.K E.U U.N U.A.E U.S.S.R P.R.C B.A M.A M.D B.S M.S J.D LL.M D.Phil D.C Op
Cap Sup Dist Nr Nrn Abs Abb Tab Kap Taf Anl Anh Anm Abschn Bd Bde Hrsg hrsg Aufl Jg Jh Jhs Jhd
Jahrh Rn Rz Ziff Bsp Fn ggf ggfs evtl etw entspr zzgl abzgl einschl ausschl allg lt Std
Sek Tsd Mio Mrd Str Tel Fa Ing Dipl Ltg Abt Verf Vors Stellv stv Mitgl österr schweiz dt engl frz
ital griech röm amerik bayer preuß kath evang ehem urspr gest geb verh gez Hbf Bhf Nachf =max =min
Chr u.a u.ä o.ä u.Ä o.Ä o.g s.o s.u i.d.R i.A i.V m.E u.U z.T z.Zt z.Z d.J d.M v.Chr n.Chr i.S
i.S.v u.v.a av réf tél bld boul dép suiv déf éd máx mín
pág págs núm núms aprox avda teléf dpto depto dptos deptos prov admón hnos izq dcha pról vid EE.UU
pagg tav sez dott avv
godz tys mln mld pow woj por ww =dr
č čl obr nám tř tis
o.a m.b.t i.v.m blz zgn
bl.a s.k evt
stb kft zrt nyrt vö
Mah Cad Sok Apt Şti
стр рис табл гл разд изд ред сб обл пос дер оз тел кв тыс млн млрд трлн гг вв гр пп ст ген
полк стор тис рр бр
σελ αρ αριθ καθ τηλ χιλ см
им =col =gen =mons =Cel =doc =Dir =Chas =Geo =Jas =Jos =Thos =Robt =Edw =Benj =Danl =Saml Fußn
преп =ogg =amt =макс =acct verb.Aufl erw.Aufl
"""

# What may well be the last word, or is a word of some language: no end before a lower-case letter
# or a number, an end before a capital letter.
CAPITAL = """
sect prop cor =Ago =Mass u.v.m u.a.m s.r.o a.s tms db vd чел шт кг км мм мл га
etc no art arts ed ref refs sec secs mins hr hrs yr yrs mo mos wk wks kg km cm mm ml lb lbs oz
ft yd mi mph kph hp gal qt pt pts sq cu deg est ibid cit op loc ex ave rd st ln ct ter div lib dev
diff rev app lit cap tab vol mind gem lat mil sept Art a.m p.m A.M P.M
Jan Feb Mar Apr Jun Jul Aug Sep Sept Oct Nov Dec Mon Tue Tues Wed Thu Thur Thurs Fri Sat Sun
Deut Josh Judg Chron Prov Eccl Ezek Matt Thess
usw usf ff
ej es ecc Ud Uds Vd Vds nn ss vss b.c a.d B.C A.D b.c.e c.e B.C.E C.E a.C d.C
itd itp ok p.n.e n.e atd apod atď enz e.d e.a osv o.s.v m.m m.fl mv f.Kr e.Kr kr mio mia
ym yms jne eKr jKr vb dll dsb dst v.v u.c utt jt god
т.д т.п др руб коп долл н.э сек мин янв февр апр авг сент окт нояб дек ін грн лв т.і
κλπ κ.λπ κ.ά κ.τ.λ μ.Χ π.Χ μ.μ π.μ
amend append apt edit env ext ill mill para trim synth dict liter im ust bijl hab нем рук тех уст
liczb repr cent Matth Vers
"""

# What CLDR lists and is a common word or a name, or a multiple of units: a rule for what is around
# them does better. Single letters have rules of their own.
LEFT_OUT = """
Act All Alt Alm As By Do Go Hat Id In Is Jam Job Joe Link Long Mart OK Ok On Or PC Pro To Up VS AA
AB AD DC Hz Kb Gb Mb PP Card Num Org Lev Def Cont Var Est
Port Di So Sa Mo Do Test Best Max Mind am App Mod PIN Mi Ben Trans Alt Akt Gem Rel Int
Kit RAM Rol Korn Bien Sol Da SA CA MM Em Seg Desv Desc Exc Ant Emm K mar may dom ms vie lun bol
fund aux dim quart cam jeu mer sam coll config ann anon ven voit imm dest mar niv
on all arch ver int ag rag mitt dr
port mov res des com end cont mat out long lin sup fl caps fem ap pol cat fr comp fac set tec gram
ind rod fil obs ago ene eng mai pal hist pron apart jue anc rel exec Comm Mons autom elem graph
bull ev od jew gesch led beil Dir Bed Chin Dim Reg Dat Liv cel prod rep compl esp dir prof
rementente mus transp
"""

# Words that start sentences, with a capital letter.
STARTS = """
Nobody Nothing Everyone Everybody Everything Someone Somebody Something Anyone Anybody Never
Always Often Sometimes Soon Still Again Yes
The This That These Those There Then They It Its We You His Her My Our Your Their But And Or Nor
Yet If When Whenever While Where Whether Who What Why How Which As After Before Since Until
Although Though Because However Therefore Thus Hence Moreover Furthermore Meanwhile Nevertheless
Nonetheless Instead Also Another Some Many Most Both Each Every All Any None Not Please Let Did
Does Is Are Was Were Has Had Have Can Could Would Should Might Must Here Now Once Only Even Today
Yesterday Later Such Other Others During Between Among According Despite With Without From For To
By At About Under Over Through Perhaps Maybe Unlike Like Given Further Finally First Second Third
Next Last Several Few Following Based Die Das Ein Eine Einen Einem Einer Es Wir Ihr Ich Und Aber
Oder Doch Wenn Als Dann Danach Dort Hier Im Am Auf Aus Bei Beim Mit Nach Vom Zum Zur Für Durch
Ohne Über Unter Zwischen Diese Dieser Dieses Diesen Diesem Jede Jeder Jedes Alle Viele Einige
Manche Kein Keine Nicht Nur Auch Noch Schon Seine Ihre Wer Wie Warum Wann Bis Seit Während
Weil Obwohl Damit Dabei Dazu Daher Deshalb Außerdem Zudem Jedoch Trotz Dadurch Dagegen Darauf
Darum Denn Ebenso Etwa Gegen Heute Ist Sind War Waren Sie Er Un Une Il Elle Ils Elles Nous Vous Je
Ce Cette Ces Cet Et Mais Où Donc Si Quand Lorsque Comme Dans Sur Sous Avec Sans Pour Par Après
Avant Depuis Pendant À Au Aux Leur Leurs Notre Votre Tous Toutes Cependant Ainsi Alors Puis Enfin
Ensuite Selon Chaque Chez Entre Cela Ceci Una Unos Unas Fue Era Por Para Con Sin Sobre Pero Cuando
Como Donde Este Esta Estos Estas Esto Ese Esa Eso Aquel Su Sus Ella Ellos Ellas Él Yo Nosotros
Desde Hasta Según También Además Después Antes Entonces Así Ya Más Muy Hay Tras Aunque Porque Sí
Gli Nel Nella Nei Nelle Non Quando Questo Questa Questi Queste Quello Anche Dopo Prima Che Chi
Alla Dal Dalla Della Però Perché Quindi Inoltre Tuttavia Durante Tra Fra È
O Os Um Uma Em Na Nos Nas Não Também Depois Isso Isto Ele Eles Elas Eu Mas Foi Quem Onde
Até Het Een Hij Zij Wij Ik Aan Met Van Voor Maar En Dit Dat Deze Toen Ook Bij Niet Hun Zijn
Haar Omdat Det Att Han Hon Vi Jag Jeg Men Och Som När Når Efter Etter Disse Dette Dessa Denna
W Z Nie Ale Jest Był Była Ten Ta Te Po Przy Oraz Kiedy Gdy Jednak
В Во На С Со И А Но Он Она Оно Они Это Эта Этот Эти Мы Вы Я Как Когда Если По За Из К Ко О Об От
До Для Не Так Также Там Тут После При У Что Кто Его Её Ее Их Все Всё Однако Поэтому Затем Потом
Был Была Было Были Под Над Через Между Более Многие Тогда Здесь Впервые
З Із Зі І Й Та Але Він Вона Воно Вони Це Цей Ця Ці Ми Ви Як Коли Якщо Після Що Хто
Його Її Їх Всі Однак Тому Потім Під Від Про Також
Το Τα Ο Η Οι Ένα Ένας Μια Και Αλλά Αυτό Αυτή Αυτός Στο Στη Στην Στον Με Για Από Όταν Αν Δεν Πως
Που
"""

# Words that do, but are also what a name starts with, or a name, after an initial or "St.".
STARTS_UNLESS_NAME = """
A An He She So In On Of Do Will May No One Two Three I More Little Long Young
Der Den Dem Des Da Man Sein Vor Zu Um Von
Le La Les Du De Ou Or Car Son Ma Mon Ses Plus
El Los Las Al Del Lo Se Mi En Es Y O Entre
Il Di Su E Come
As Ao Dos Das
Ze Op Na Om Ett For
"""

# German: what follows an ordinal number ("3. Oktober"), and the words before one.
ORDINALS = """
Aufl Jh Jhd Jhs Jahrh Jg Bd Kl Kap OG UG Abschn Reihe Spalte Zeile Seite Fassung Ausgabe
Januar Jänner Februar Feber März April Mai Juni Juli August September Oktober November Dezember
Jan Feb Mär Apr Jun Jul Aug Sep Sept Okt Nov Dez Jahrhundert Jahrhunderts Jahrhunderte
Jahrhunderten Jahrtausend Jahrtausends Weltkrieg Weltkriegs Weltkrieges Auflage Platz Klasse Stock
Stockwerk Etage Geburtstag Lebensjahr Liga Bundesliga Kapitel Band Teil Tag Tages Woche Monat
Monats Jahr Jahres Mal Semester Quartal Halbjahr Runde Spieltag Minute Wahlperiode Staffel Folge
Armee Division Bezirk Grad Rang Vorsitzende Vorsitzender Jahrestag Sitzung Tagung
Legislaturperiode Generation Dynastie Schuljahr Mannschaft
"""
ORDINAL_CUES = """
am im vom zum beim zur der die das des dem den ab bis seit ein eine einen einem einer jeder jede
jedes
"""

# What a single letter names, rather than a person.
LETTERED = """
vitamin plan type group grade class section appendix exhibit part point option figure table
hepatitis schedule team room side phase step case model series level unit zone block building gate
item question answer choice chapter annex version letter column row line node element variable
matrix set process category panel sample vector method hypothesis
string typ gruppe klasse anhang teil punkt abschnitt variante fall groupe annexe classe
partie grupo anexo clase parte gruppo allegato группа класс тип план часть пункт витамин
"""

# Words of up to three letters that are no abbreviation before a number either.
SHORT = """
Uhr it me us so up out in on him her you too now day end all way one two ten man men go do not yes
say see run sit eat act try pay buy cut set put let got had has was are is be by to of at as an am
if or my we he she its our his job war law car bus dog cat boy son dad mom age air bed big box sea
sun sky eye ear leg arm hat map key kid guy god oil gas ice tea pie egg pen bag cup bar bad new
old low few far odd own red hot wet dry fun fit mad sad raw sex tax top web win won yet bit ago
off how who why led met ran saw did es er ihm ihn ihr uns dir mir ab auf aus bei da ein hin los
mit um zu tun ist bin tot rot gut neu lui moi toi soi non oui pas là eux été ans roi vie eau
fin bas bon él yo sí más así ahí ser ver día año vez no sì già qui più poi sim não já lá het hem
hen mij jou uit aan af toe nu dan он она оно они его её их там тут так нет да мне нас вас ним ней
них год лет дом мир сам день раз все
lot add aim ask awe ban bid bow bug cab cap cry die dig dot due era err fan fee fix fly fog gap
get gun hit hop ink inn jet joy kit lab lap lay lid lie lip mix mud net nod nor nut oak pan pet
pin pit pot ray rib rid rim rob rod row rug rum shy six spy sum tag tap tie tin tip ton toy use
van vet wit zoo any can log for tak nic weg bau tod das pro aha się sei vor sie ja nie wir las tut
uso pai nam nas noc raz dni też być sam dwa oko jap pod ją je ci su ici wer wie wo ego ему злы сон
ты нее ее нам ног рот яд бог час это шаг ума мной
"""


def forms(words: Iterable[str]) -> Iterator[str]:
    """Each word as it is spelled, with a first capital letter, and in capitals."""
    for word in words:
        if word.startswith("="):
            yield word[1:]
        else:
            yield from (word, word[0].upper() + word[1:], word.upper())


def suppressions(folder: Path) -> Iterator[str]:
    """The abbreviations that CLDR lists, without their last full stop and white space, but for
    those of several words."""
    contents = [(folder / f"{language}.xml").read_bytes() for language in LANGUAGES]
    found = hashlib.sha256(b"".join(contents)).hexdigest()
    if found != SHA256:
        raise SystemExit(f"error: the files have the SHA-256 {found}, not {SHA256}")
    for content in contents:
        for node in ElementTree.fromstring(content).iter("suppression"):
            word = re.sub(r"\.\s+", ".", (node.text or "").strip()).removesuffix(".")
            if re.fullmatch(r"[^\W\d_]+(\.[^\W\d_]+)*", word) and len(word) > 1:
                yield word


def kinds(folder: Path) -> dict[str, list[str]]:
    """The words of each kind, every form of them; a word has the first of the kinds of its own."""
    # What is written here as it is counts before what is only a form of another word.
    known = {w.lstrip("="): kind for kind, text in _SOURCES.items() for w in text.split()}
    left_out = {*LEFT_OUT.split()}
    listed = [word for word in suppressions(folder) if word not in left_out]
    for kind, words in (
        *((kind, text.split()) for kind, text in _SOURCES.items()),
        ("middle", listed),
    ):
        for word in words:
            for form in forms([word]):
                # Three capitals may be any other abbreviation, which ends sentences.
                is_acronym = kind == "middle" and form not in words and len(form) <= 3
                is_acronym = is_acronym and form.isupper() and len(form) > 1
                known.setdefault(form, "capital" if is_acronym else kind)
    found = {kind: sorted(word for word in known if known[word] == kind) for kind in _SOURCES}
    starts = {*forms(STARTS.split())}
    found["starts"] = sorted(starts)
    found["starts-unless-name"] = sorted({*forms(STARTS_UNLESS_NAME.split())} - starts)
    found["ordinal"] = sorted({*forms(ORDINALS.split())})
    found["before-ordinal"] = sorted({*forms(ORDINAL_CUES.split())})
    found["lettered"] = sorted({*forms(LETTERED.split())})
    found["short"] = sorted({word for word in forms(SHORT.split()) if not word.isupper()})
    return found


_SOURCES = {"never": NEVER, "name": NAME, "middle": MIDDLE, "capital": CAPITAL}


def written(folder: Path) -> str:
    """The content of the file."""
    lines = [
        "# Made by scripts/build_abbreviations.py, in part from Unicode's CLDR 41 (see NOTICE).",
        f"# SHA-256 of {', '.join(f'{name}.xml' for name in LANGUAGES)}: {SHA256}",
        *(f"{kind}: {' '.join(words)}" for kind, words in kinds(folder).items()),
    ]
    return "".join(f"{line}\n" for line in lines)


def main() -> None:
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    TARGET.write_text(written(Path(sys.argv[1])), encoding="utf-8")


if __name__ == "__main__":
    main()
