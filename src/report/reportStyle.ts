/** The style of a report: system fonts, one accent, hairlines; light and dark by the reader's setting; paper on printing. */
export const reportStyle = `
:root{--ground:#fff;--ink:#1c1d21;--quiet:#5d616b;--line:#d9dbe0;--tint:#f5f6f8;--accent:#0a5c99;--notice:#8a5a00;--notice-ground:#fff8e8}
@media (prefers-color-scheme:dark){:root{--ground:#15161a;--ink:#e4e5e9;--quiet:#9a9eaa;--line:#33363e;--tint:#1d1f25;--accent:#7cc0f5;--notice:#f0c674;--notice-ground:#272214}
.gd-series-1{color:#5aaeea}.gd-series-2{color:#f2874b}.gd-series-3{color:#33c79c}.gd-series-4{color:#e3a3c6}.gd-series-5{color:#f0b93d}.gd-series-6{color:#a3d5f7}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;background:var(--ground);color:var(--ink);font:16px/1.55 system-ui,-apple-system,"Segoe UI","Helvetica Neue",Arial,sans-serif}
main{max-width:64rem;margin:0 auto;padding:2.5rem 1.25rem 5rem}
h1{font-size:1.9rem;line-height:1.2;letter-spacing:-.01em;margin:0 0 .35rem;text-wrap:balance}
h2{font-size:1.3rem;line-height:1.3;margin:3rem 0 .75rem;padding-top:.75rem;border-top:1px solid var(--line)}
h1,h2,p,dd,figcaption,li{overflow-wrap:anywhere}
p{margin:0 0 .9rem;max-width:42rem}
a{color:var(--accent);text-underline-offset:.15em}
.subtitle{color:var(--quiet);margin-bottom:1.25rem}
.notice{max-width:none;font-size:.875rem;color:var(--notice);background:var(--notice-ground);border-left:3px solid;padding:.55rem .8rem;margin:0 0 1.5rem}
.summary{font-size:1.0625rem}
nav{font-size:.9375rem;margin:1.5rem 0}
nav ol{margin:0;padding-left:1.5rem;columns:2 16rem;column-gap:2rem}
.figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(9rem,1fr));gap:1rem 2rem;margin:1.25rem 0}
.figures dt,.facts dt{font-size:.875rem;color:var(--quiet)}
dd{margin:0;font-variant-numeric:tabular-nums}
.figures dd{font-size:1.375rem;line-height:1.3}
.facts{margin:1.25rem 0;font-size:.9375rem}
.facts>div{display:grid;grid-template-columns:minmax(8rem,16rem) 1fr;gap:0 1.5rem;padding:.3rem 0;border-bottom:1px solid var(--line)}
.scroller{position:relative;overflow:auto;max-height:85vh;font-size:.8125rem;line-height:1.4}
.scroller:focus-visible{outline:2px solid var(--accent);outline-offset:3px}
table{border-collapse:separate;border-spacing:0;font-variant-numeric:tabular-nums}
th,td{padding:.32rem .45rem;text-align:left;vertical-align:baseline;white-space:nowrap}
tbody th,thead tr:last-child th{font-weight:600}
tbody th{font-weight:400;position:sticky;left:0;background:var(--ground)}
thead{position:sticky;top:0;z-index:1}
thead th,thead td{background:var(--ground);border-bottom:1px solid var(--ink)}
thead tr:not(:last-child)>*{border-bottom-color:var(--line)}
thead tr:first-child>*{border-top:1px solid var(--ink)}
tbody tr:not(:last-child)>*{border-bottom:1px solid var(--line)}
tbody tr:last-child>*{border-bottom:1px solid var(--ink)}
tfoot td{white-space:normal;color:var(--quiet);padding:.5rem 0}
tfoot p{margin:0 0 .15rem;position:sticky;left:0;width:fit-content;max-width:min(42rem,calc(100vw - 3rem))}
.mark{position:absolute}.right{text-align:right}.center{text-align:center}
figure{margin:1.75rem 0;overflow-x:auto}
figure>svg,figure>img{display:block;max-width:100%;height:auto}
figure>svg{min-width:30rem}
figcaption{font-size:.875rem;color:var(--quiet);margin-top:.6rem;max-width:42rem}
.table figcaption{margin:0 0 .5rem}
details{margin:1.25rem 0;font-size:.875rem}
summary{cursor:pointer;color:var(--accent)}
pre{overflow:auto;background:var(--tint);padding:.8rem 1rem;margin:.6rem 0;font:.8125rem/1.5 ui-monospace,"SF Mono",Menlo,Consolas,monospace;white-space:pre-wrap;overflow-wrap:anywhere}
@media (max-width:36rem){main{padding:1.5rem 1rem 3rem}h1{font-size:1.5rem}.figures{grid-template-columns:repeat(2,1fr)}.facts>div{grid-template-columns:1fr}}
@media print{:root{--ground:#fff;--ink:#000;--quiet:#444;--line:#bbb;--tint:#fff}
body{font-size:10pt}main{max-width:none;padding:0}h2{break-after:avoid}figure,tr,.figures{break-inside:avoid}figure>svg{min-width:0}
.scroller{overflow:visible;max-height:none;font-size:7.5pt}figure{overflow:visible}thead,tbody th{position:static}thead{display:table-header-group}th,td{white-space:normal}a{color:inherit;text-decoration:none}
.gd-series-1{color:#0072b2}.gd-series-2{color:#d55e00}.gd-series-3{color:#009e73}.gd-series-4{color:#cc79a7}.gd-series-5{color:#e69f00}.gd-series-6{color:#56b4e9}}
`;
