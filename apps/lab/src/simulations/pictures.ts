import { drawChart } from "./chart/draw-chart.ts";
import type { Exhibit } from "./exhibit.ts";

/** Where the pictures are kept. */
export const pictureFolder = new URL("../../pictures/", import.meta.url);

/** The pictures of simulations: file names and what is in the files. */
export const picturesOf = (exhibits: readonly Exhibit[]): Map<string, string> =>
  new Map(
    exhibits.flatMap(({ charts }) =>
      Object.entries(charts).map(([name, chart]) => [
        `${name}.svg`,
        drawChart(chart),
      ]),
    ),
  );
