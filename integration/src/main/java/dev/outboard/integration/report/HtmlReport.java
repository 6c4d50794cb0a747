package dev.outboard.integration.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.outboard.integration.wire.Json;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;
import java.util.Objects;

/**
 * Writes a {@link Page} as one HTML file that fetches nothing: style, script, drawings and data are
 * in it. Everything is seen without the script, which only switches between light and dark and
 * offers the data as a file. A policy in the page lets no other script run and nothing be fetched,
 * should a text get past {@link Html} one day. Any thread.
 */
public final class HtmlReport {
  private HtmlReport() {}

  /** Writes it, in the place of what was there. */
  public static void write(Path file, Page page) throws IOException {
    Files.writeString(file, html(page));
  }

  static String html(Page page) {
    String script = resource("report.js");
    StringBuilder html = new StringBuilder();
    html.append("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
    html.append(
        Html.format(
            "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none';"
                + " style-src 'unsafe-inline'; script-src 'sha256-%s'\">\n",
            digest(script)));
    html.append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
    html.append("<meta name=\"color-scheme\" content=\"light dark\">\n");
    html.append("<title>").append(Html.text(page.title())).append("</title>\n");
    html.append("<style>\n").append(resource("report.css")).append("</style>\n</head>\n<body>\n");
    html.append("<header>\n<h1>").append(Html.text(page.title())).append("</h1>\n");
    html.append("<p class=\"summary\">").append(Html.text(page.summary())).append("</p>\n");
    html.append(
        "<p class=\"tools\" hidden><button type=\"button\" id=\"mode\">Dark or light</button>"
            + " <a id=\"download\" download=\"raw.json\" href=\"#raw\">Download the raw data"
            + " (JSON)</a></p>\n");
    html.append("</header>\n");
    contents(html, page.sections());
    html.append("<main>\n");
    for (int i = 0; i < page.sections().size(); i++) {
      section(html, page.sections().get(i), i + 1);
    }
    html.append("</main>\n<script type=\"application/json\" id=\"raw\">\n");
    html.append(Html.json(raw(page))).append("\n</script>\n");
    html.append("<script>").append(script).append("</script>\n</body>\n</html>\n");
    return html.toString();
  }

  private static void contents(StringBuilder html, List<Section> sections) {
    html.append("<nav aria-label=\"Contents\"><ol>\n");
    for (int i = 0; i < sections.size(); i++) {
      html.append(
          Html.format(
              "<li><a href=\"#s%d\">%s</a></li>\n", i + 1, Html.text(sections.get(i).title())));
    }
    html.append("</ol></nav>\n");
  }

  private static void section(StringBuilder html, Section section, int number) {
    html.append(
        Html.format(
            "<section id=\"s%1$d\" aria-labelledby=\"h%1$d\">\n<h2 id=\"h%1$d\">%2$s</h2>\n",
            number, Html.text(section.title())));
    switch (section) {
      case Section.Text text -> text.paragraphs().forEach(p -> paragraph(html, p));
      case Section.Table table -> table(html, table);
      case Section.Verdicts verdicts -> verdicts(html, verdicts);
      case Plot plot ->
          figure(
              html, Curves.legend(plot) + Curves.svg(plot), plot.statements(), Curves.table(plot));
      case Factors factors ->
          figure(html, FactorRows.svg(factors), factors.statements(), FactorRows.table(factors));
    }
    html.append("</section>\n");
  }

  private static void paragraph(StringBuilder html, String text) {
    html.append("<p>").append(Html.text(text)).append("</p>\n");
  }

  private static void verdicts(StringBuilder html, Section.Verdicts section) {
    html.append("<ul class=\"verdicts\">\n");
    section
        .verdicts()
        .forEach(
            verdict -> {
              Mark mark = Mark.of(verdict.kind());
              html.append(
                  Html.format(
                      "<li class=\"%s\"><span class=\"mark\"><span aria-hidden=\"true\">%s</span>"
                          + " %s</span> <span>%s</span></li>\n",
                      mark.style(), mark.sign(), mark.word(), Html.text(verdict.text())));
            });
    html.append("</ul>\n");
  }

  private static void figure(
      StringBuilder html, String drawing, List<String> statements, Section.Table table) {
    html.append("<div class=\"plot\"><figure>\n").append(drawing).append("</figure>\n");
    if (!statements.isEmpty()) {
      html.append("<aside><h3>For comparison</h3><ul>\n");
      for (String statement : statements) {
        html.append("<li>").append(Html.text(statement)).append("</li>\n");
      }
      html.append("</ul></aside>\n");
    }
    html.append("</div>\n<details><summary>The same in figures</summary>\n");
    table(html, table);
    html.append("</details>\n");
  }

  private static void table(StringBuilder html, Section.Table table) {
    html.append("<div class=\"wide\"><table>\n<thead><tr>");
    for (int i = 0; i < table.columns().size(); i++) {
      html.append(
          Html.format(
              "<th scope=\"col\"%s>%s</th>", side(table, i), Html.text(table.columns().get(i))));
    }
    html.append("</tr></thead>\n<tbody>\n");
    for (List<String> row : table.rows()) {
      html.append("<tr>");
      for (int i = 0; i < row.size(); i++) {
        html.append(
            Html.format(
                i == 0 ? "<th scope=\"row\"%s>%s</th>" : "<td%s>%s</td>",
                side(table, i),
                Html.text(row.get(i))));
      }
      html.append("</tr>\n");
    }
    html.append("</tbody>\n</table></div>\n");
    if (!table.note().isEmpty()) {
      html.append("<p class=\"note\">").append(Html.text(table.note())).append("</p>\n");
    }
  }

  /** Figures stand flush right, below each other. */
  private static String side(Section.Table table, int column) {
    boolean figures =
        column > 0
            && table.rows().stream()
                .allMatch(row -> row.get(column).matches("(?s)([+−-]?[0-9.].*|unknown|none|)"));
    return figures ? " class=\"figure\"" : "";
  }

  private static String raw(Page page) {
    try {
      return Json.api().writeValueAsString(page.raw());
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String resource(String name) {
    try (InputStream in = HtmlReport.class.getResourceAsStream(name)) {
      return new String(Objects.requireNonNull(in, name).readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String digest(String script) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(script.getBytes(StandardCharsets.UTF_8));
      return Base64.getEncoder().encodeToString(hash);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
