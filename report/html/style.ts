/**
 * The style sheet of the report: one ink, one accent for members (rust) and one for others (slate), which also differ in shape, so that
 * nothing is told by colour alone. Text on ground is at least 4.5 : 1 in both schemes (WCAG 2 AA).
 */
export const style: string = `
:root{color-scheme:light dark;--bg:#fcfcfa;--ink:#1a1d20;--soft:#59626b;--line:#dfe2e3;--wash:#f2f3f1;--m:#b0391a;--mw:#b0391a24;--o:#466580;--ow:#46658026;--link:#1b578c;--hit:#fbe7df;--mono:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace}
@media (prefers-color-scheme:dark){:root{--bg:#14171a;--ink:#e7e9ea;--soft:#9ba5ae;--line:#2d3338;--wash:#1c2024;--m:#ff9068;--mw:#ff906830;--o:#93b4ce;--ow:#93b4ce2e;--link:#8ec2ef;--hit:#4a2618}}
*{box-sizing:border-box}
html{scroll-padding-top:16px;-webkit-text-size-adjust:100%}
body{margin:0;background:var(--bg);color:var(--ink);font:15px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;overflow-wrap:anywhere;font-variant-numeric:tabular-nums}
h1,h2,h3,h4,h5,p,ol,ul,dl,dd,table,pre,figure{margin:0;padding:0}
h1{font-size:29px;line-height:1.2;font-weight:680;letter-spacing:-.015em;text-wrap:balance}
h2{font-size:21px;line-height:1.3;font-weight:660;letter-spacing:-.01em}
h3{font-size:16px;line-height:1.4;font-weight:650}
.op h3,.op h3 code{font:600 17px/1.45 var(--mono);letter-spacing:-.01em}
h4{font-size:14px;line-height:1.4;font-weight:650}
h5{font-size:12px;line-height:24px;height:24px;font-weight:500;color:var(--soft);overflow:hidden;white-space:nowrap;text-overflow:ellipsis}
a{color:var(--link);text-underline-offset:2px;text-decoration-thickness:1px}
a:hover{text-decoration-thickness:2px}
:focus-visible{outline:2px solid var(--link);outline-offset:2px;border-radius:2px}
code,pre{font:13px/1.55 var(--mono)}
small{font-size:12px;color:var(--soft)}
td.r small{display:block}
ol,ul{list-style:none}
.skip{position:absolute;left:-999px;background:var(--bg);padding:8px 14px;z-index:2}
.skip:focus{left:12px;top:12px}
.soft,.cap{color:var(--soft)}
.cap{font-size:13px;line-height:1.45}
main,nav{padding:0 18px}
main,nav{max-width:1184px;margin:0 auto}
header.top{padding:34px 0 4px}
header.top .mark{font-size:13px;color:var(--soft);margin-bottom:6px}
header.top p.lead{margin-top:10px;max-width:74ch;color:var(--soft)}
main>section{margin-top:44px}
main>section>h2{margin-bottom:12px}
nav{padding-top:14px}
nav ul{display:flex;flex-wrap:wrap;gap:2px 18px;font-size:14px}
nav ol{display:none}
nav a{text-decoration:none;color:var(--soft)}
nav a:hover{color:var(--link);text-decoration:underline}
table{border-collapse:collapse;width:100%;font-size:14px;line-height:1.4}
th{font-weight:500;text-align:left;color:var(--soft);font-size:13px;vertical-align:bottom}
td,th{padding:6px 10px 6px 0;border-bottom:1px solid var(--line)}
td{vertical-align:top}
td:last-child,th:last-child{padding-right:0}
.r{text-align:right;white-space:nowrap}
caption{text-align:left;font-size:13px;color:var(--soft);padding-bottom:6px}
th button{font:inherit;color:inherit;background:none;border:0;padding:0;cursor:pointer;text-decoration:underline dotted;text-underline-offset:3px}
th[aria-sort] button{color:var(--ink);font-weight:650;text-decoration:none}
th[aria-sort=descending] button::after{content:" ↓"}
th[aria-sort=ascending] button::after{content:" ↑"}
#list td{padding-top:9px;padding-bottom:9px}
#list td .h{font:13.5px/1.45 var(--mono);text-decoration:none;display:block}
#list td .h:hover{text-decoration:underline}
#list .w:nth-child(3){width:32%}
#list .bell{min-width:90px;display:block;margin-top:2px}
#list .badge{margin-left:6px}
form.find{display:flex;flex-wrap:wrap;gap:10px 16px;align-items:end;margin:0 0 14px;font-size:13px;color:var(--soft)}
form.find label{display:grid;gap:3px;min-width:0}
form.find input,form.find select{font:inherit;font-size:14px;height:34px;color:var(--ink);background:var(--bg);border:1px solid var(--soft);border-radius:4px;padding:0 8px;max-width:100%}
form.find input{width:260px}
form.find output{padding-bottom:8px}
[hidden]{display:none!important}
.op{border-top:2px solid var(--ink);padding:16px 0 34px;scroll-margin-top:8px}
.op+.op{margin-top:10px}
.op:target{box-shadow:-10px 0 0 -6px var(--m)}
.kick{display:flex;flex-wrap:wrap;gap:0 12px;font-size:13px;color:var(--soft);margin-bottom:6px}
.kick b{color:var(--ink);font-weight:650}
.kick .self{margin-left:auto;font-family:var(--mono)}
.say{margin-top:10px;max-width:78ch}
.badge{font-size:12px;border:1px solid currentColor;border-radius:9px;padding:0 7px;white-space:nowrap;color:var(--soft)}
.badge.new,.badge.worse{color:var(--m)}
.fig{display:flex;flex-wrap:wrap;gap:12px 34px;margin:16px 0 4px}
.fig div{min-width:74px}
.fig dt{font-size:12.5px;color:var(--soft)}
.fig dd{font-size:21px;line-height:1.25;font-weight:600;letter-spacing:-.01em}
.fig .t dd{font-size:15px;line-height:26px;font-weight:500;letter-spacing:0}
.fig .m dd{color:var(--m)}
.fig .o dd{color:var(--o)}
.two{display:grid;gap:0 40px}
.part{margin-top:24px;min-width:0}
.part>h4{margin-bottom:6px}
.part>.cap{margin-bottom:8px;max-width:90ch}
.key{display:flex;flex-wrap:wrap;gap:0 16px;font-size:12.5px;color:var(--soft)}
.key svg{vertical-align:-1px;margin-right:5px}
svg{overflow:visible;display:block}
.key svg{display:inline-block}
.chart text{font-size:11.5px;fill:var(--soft);paint-order:stroke;stroke:var(--bg);stroke-width:3.5px;stroke-linejoin:round}
.g{stroke:var(--line);stroke-width:1}
.l,.p{fill:none;vector-effect:non-scaling-stroke;stroke-width:1.75;stroke-linejoin:round;stroke-linecap:round}
.p{stroke-width:5.5}
.l.m,.p.m{stroke:var(--m)}
.l.o{stroke:var(--o)}
.l.o{stroke-dasharray:5 4}
.l.k,.p.k{stroke:var(--ink)}
.p.k{stroke-width:4}
.b.m{fill:var(--mw)}
.b.k{fill:var(--ow)}
line.c{stroke:var(--ink);stroke-width:1.25;stroke-dasharray:2 2}
text.c,.chart text.f{fill:var(--ink)}
line.i{stroke:var(--m);stroke-width:2.5}
line.z{stroke:var(--soft);stroke-width:1.5}
line.f{stroke:var(--ink);stroke-width:1.5;stroke-dasharray:3 2}
circle.m{fill:var(--m)}
circle.o{fill:var(--bg);stroke:var(--o);stroke-width:2}
rect.m{fill:var(--mw)}
line.o{stroke:var(--o);stroke-width:2.5}
.bar line.i{stroke-width:2}
.log rect{fill:var(--o)}
.cells{columns:400px 2;column-gap:44px}
.cells table{table-layout:fixed;font-size:13px;break-inside:avoid;margin-bottom:18px}
.cells caption{color:var(--ink);font-weight:600;padding-bottom:2px}
.cells td,.cells th{padding:3px 8px 3px 0;border:0;vertical-align:middle}
.cells td:last-child,.cells th:last-child{padding-right:0}
.cells th[scope=row]{color:var(--ink);font-weight:400}
.cells .a{width:28%}
.cells thead th{font-size:12px;padding-bottom:0}
.cells .v{width:56px}
.cells .n{width:58px}
.flow{display:grid;grid-template-columns:minmax(0,1fr) 22px minmax(0,1fr) 22px minmax(0,1.15fr) 22px minmax(0,1fr) 22px minmax(0,1fr);font-size:13px;line-height:17px;grid-template-columns:minmax(0,1fr) minmax(12px,24px) minmax(0,1.15fr) minmax(12px,24px) minmax(0,1fr)}
.flow .col li{height:40px;margin:2px 0 4px;overflow:hidden;display:flex;flex-direction:column;justify-content:center;background:var(--wash);border-radius:3px;padding:0 8px}
.flow .col{display:grid;grid-template-rows:24px 1fr}
.flow .col ol{align-self:center;margin-bottom:-4px}
.nb{white-space:nowrap}
.flow .col.far,.flow .rib.far{display:none}
.flow .n{display:-webkit-box;-webkit-line-clamp:1;-webkit-box-orient:vertical;overflow:hidden}
.flow .s{color:var(--soft);font-size:12px}
.flow .hit{display:grid;align-content:center;position:relative;padding-top:24px}
.flow .hit h5{position:absolute;top:0;left:0}
.flow .hit ol{border:1.5px solid var(--m);border-radius:4px;padding:6px 8px;background:var(--hit)}
.flow .hit li{padding:2px 0}
.rib{width:100%;margin-top:24px;overflow:hidden}
.rib path{fill:var(--ow)}
.pair{display:grid;gap:18px 40px}
.pair+.pair,.pair+details,details>.pair{margin-top:14px}
.tl{min-width:0;font-size:13px;line-height:20px}
.tl .who{color:var(--soft);line-height:18px;margin-bottom:6px}
.strip{border-bottom:1px solid var(--line);margin-bottom:6px}
.strip path{fill:none;vector-effect:non-scaling-stroke;stroke-width:1.5;stroke:var(--o);opacity:.6}
.strip path.h{stroke:var(--m);stroke-width:3;opacity:1}
.tl li{display:flex;gap:10px;padding:0 6px 0 0}
.tl time{flex:0 0 74px;text-align:right;color:var(--soft);white-space:nowrap}
.tl .hit{background:var(--hit);border-radius:3px}
.tl .hit time{color:inherit}
.tl mark{background:none;color:inherit;font-weight:650}
.tl .late{color:var(--soft)}
.tl .more,.tl .end{color:var(--soft);padding-left:84px}
.tl .end{position:relative;font-size:12px}
.tl .end::before{content:"";position:absolute;left:0;width:74px;top:9px;border-top:1px dashed var(--soft)}
details{margin-top:14px}
summary{cursor:pointer;font-weight:600;font-size:14px;width:fit-content;max-width:100%}
summary::marker{color:var(--soft)}
details>:not(summary){margin-left:15px;margin-top:8px}
.says{display:grid;gap:10px;max-width:84ch}
.says dt{font-weight:600;font-size:14px}
.says dd{font-size:14px}
.no::before{content:"– ";color:var(--soft)}
.yes::before{content:"✓ ";color:var(--m)}
.list{font-size:13px;display:grid;gap:3px}
.list li{padding-left:14px;text-indent:-14px}
.list li::before{content:"– ";color:var(--soft)}
.list code{font-size:12.5px}
.expr{display:flex;gap:12px;align-items:start;background:var(--wash);border-radius:5px;padding:8px 10px 8px 12px;margin-left:-12px}
.expr h3{flex:1;min-width:0}
.whole pre{white-space:pre-wrap;max-height:220px;overflow:auto}
.copy{font:inherit;font-size:12.5px;line-height:1.6;color:var(--link);background:var(--bg);border:1px solid var(--line);border-radius:4px;padding:1px 9px;cursor:pointer}
.kpis{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,330px),1fr));gap:26px 44px}
.kpis .what{font-size:14px;margin-top:2px}
.kpis code{display:block;color:var(--soft);font-size:12px;margin:4px 0 10px}
.way{display:grid;gap:7px;max-width:860px}
.way li{display:grid;grid-template-columns:110px minmax(40px,1fr) minmax(0,1.6fr);gap:14px;align-items:center;font-size:14px;line-height:1.4}
.way b{text-align:right;font-weight:600}
.warn{border-left:3px solid var(--m);padding-left:12px;display:grid;gap:4px;max-width:84ch;margin-top:18px;font-size:14px}
.warn h2{font-size:14px;letter-spacing:0}
footer{margin:56px 0 40px;font-size:13px;color:var(--soft)}
@media (max-width:719px){
.w{display:none}
h1{font-size:25px}
.fig{gap:10px 24px}
.way li{grid-template-columns:92px minmax(0,1fr)}
.way svg{display:none}
form.find input{width:100%}
form.find label{flex:1 1 100%}
.expr{margin-left:0}
.flow{font-size:12px}
.flow .col li{line-height:13px}
.flow .n{-webkit-line-clamp:2}
.flow .s{font-size:11.5px}
.tl time{flex-basis:58px}
.tl .more,.tl .end{padding-left:68px}
.tl .end::before{width:58px}
}
@media (min-width:720px){
main,nav{padding:0 32px}
.two{grid-template-columns:minmax(0,1fr) minmax(0,1.35fr)}
.pair{grid-template-columns:minmax(0,1fr) minmax(0,1fr)}
.flow{grid-template-columns:minmax(0,1fr) minmax(12px,34px) minmax(0,1fr) minmax(12px,34px) minmax(0,1.15fr) minmax(12px,34px) minmax(0,1fr) minmax(12px,34px) minmax(0,1fr)}
.flow.near{grid-template-columns:minmax(0,1fr) minmax(12px,60px) minmax(0,1.15fr) minmax(12px,60px) minmax(0,1fr)}
.flow .col.far{display:grid}
.flow .rib.far{display:block}
.flow .n{-webkit-line-clamp:1}
}
@media (min-width:1260px){
body{display:grid;grid-template-columns:270px minmax(0,1120px);justify-content:center;column-gap:34px;align-items:start}
nav{margin:0;position:sticky;top:0;max-height:100vh;overflow:auto;padding:42px 0 24px 24px}
nav ul{display:grid;gap:4px}
nav ol{display:grid;gap:7px;margin:8px 0 14px;padding-left:12px;border-left:1px solid var(--line);font-size:13px;line-height:1.4}
nav ol a{display:-webkit-box;-webkit-line-clamp:2;-webkit-box-orient:vertical;overflow:hidden}
main{margin:0;padding:0 32px 0 0;max-width:none}
}
@media print{
:root{color-scheme:light;--bg:#fff;--ink:#000;--soft:#444;--line:#ccc;--wash:#f3f3f3;--m:#a03010;--mw:#a0301024;--o:#3c5a74;--ow:#3c5a7424;--link:#000;--hit:#fbe7df}
body{display:block;font-size:10.5pt}
nav,.skip,form.find,.copy{display:none!important}
main{max-width:none;padding:0}
details::details-content{content-visibility:visible;height:auto;block-size:auto;display:block}
.op{break-before:page}
.op:first-of-type{break-before:auto}
.part,.fig,.kpis>*,tr,.tl{break-inside:avoid}
h2,h3,h4,summary{break-after:avoid}
a{text-decoration:none}
}
`.trim();
