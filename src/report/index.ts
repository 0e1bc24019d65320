export { type AnswerSheetOptions, answerSheet, questionTable } from "./answerSheet.js";
export type { Axis } from "./axis.js";
export { type BlandAltmanChartOptions, blandAltmanChart } from "./blandAltmanChart.js";
export type { Colormap, Rgb } from "./colormap.js";
export { type ComparedMeasure, type ComparisonTableOptions, comparisonTable } from "./comparisonTable.js";
export type { DetectionReading } from "./detectionRates.js";
export { type DetectionTableOptions, detectionTable } from "./detectionTable.js";
export { type DoseChartOptions, doseChart } from "./doseChart.js";
export { type DoseResult, type DoseTableOptions, doseTable } from "./doseTable.js";
export { type ForestPlotOptions, type ForestRow, forestPlot } from "./forestPlot.js";
export { type FormatNumberOptions, formatNumber, formatPValue } from "./formatNumber.js";
export { type GrayscaleOptions, grayscale, type IntensityWindow } from "./grayscale.js";
export { type HistogramChartOptions, type HistogramSeries, histogramChart } from "./histogramChart.js";
export {
  type ChartBlock,
  type DetailsBlock,
  type FactsBlock,
  type HtmlReportOptions,
  htmlReport,
  type PictureBlock,
  type ReportBlock,
  type ReportSection,
  type TableBlock,
  type TextBlock,
} from "./htmlReport.js";
export { type ChartPoint, type ChartSeries, type LineChartOptions, lineChart } from "./lineChart.js";
export { type Contour, type MontageOptions, type MontagePanel, montage } from "./montage.js";
export { type FileRecord, type Json, type Provenance, type ProvenanceOptions, provenance } from "./provenance.js";
export type { ChoiceQuestion, NumberQuestion, Question, ScaleQuestion, TextQuestion } from "./questions.js";
export { type Answer, type ReadAnswersOptions, readAnswers } from "./readAnswers.js";
export { type ReaderTableOptions, readerTable } from "./readerTable.js";
export { type Reading, type ReadingOrderOptions, readingOrder } from "./readingOrder.js";
export { type ScatterChartOptions, type ScatterPoint, scatterChart } from "./scatterChart.js";
export { sha256 } from "./sha256.js";
export { type Plane, type SliceChoice, type SliceView, type SliceViewOptions, sliceView } from "./sliceView.js";
export type { Cell, Column, Table, TableCell } from "./table.js";
export { type CsvRow, type CsvValue, toCsv } from "./toCsv.js";
export { toHtml } from "./toHtml.js";
export { type ToLatexOptions, toLatex } from "./toLatex.js";
export { toMarkdown } from "./toMarkdown.js";
export { type PercentileWindow, type WindowCaptionOptions, windowCaption } from "./windowCaption.js";
