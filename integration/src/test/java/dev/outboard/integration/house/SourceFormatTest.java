package dev.outboard.integration.house;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.googlejavaformat.java.Formatter;
import com.google.googlejavaformat.java.FormatterException;
import com.google.googlejavaformat.java.ImportOrderer;
import com.google.googlejavaformat.java.JavaFormatterOptions;
import com.google.googlejavaformat.java.RemoveUnusedImports;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Every source file looks as google-java-format would write it and is short enough to read. With
 * {@code -Doutboard.format=rewrite} it rewrites them instead ({@code ./check --format}).
 */
final class SourceFormatTest {
  private static final int MAX_LINES = 800;
  private static final boolean REWRITE =
      "rewrite".equals(System.getProperty("outboard.format", "check"));

  private final Formatter formatter =
      new Formatter(
          JavaFormatterOptions.builder().style(JavaFormatterOptions.Style.GOOGLE).build());

  @Test
  void everyFileIsFormatted() throws IOException, FormatterException {
    List<Path> wrong = new ArrayList<>();
    for (Path file : Sources.java()) {
      String is = Files.readString(file);
      String shouldBe = formatted(is);
      if (!is.equals(shouldBe)) {
        if (REWRITE) {
          Files.writeString(file, shouldBe);
          System.out.println("formatted " + Sources.ROOT.relativize(file));
        } else {
          wrong.add(Sources.ROOT.relativize(file));
        }
      }
    }
    assertEquals(List.of(), wrong, "not formatted; './check --format' rewrites them");
  }

  @Test
  void noFileIsLong() throws IOException {
    List<String> tooLong = new ArrayList<>();
    for (Path file : Sources.java()) {
      int lines = Files.readAllLines(file).size();
      if (lines > MAX_LINES) {
        tooLong.add(Sources.ROOT.relativize(file) + ": " + lines + " lines");
      }
    }
    assertTrue(tooLong.isEmpty(), () -> "longer than " + MAX_LINES + " lines: " + tooLong);
  }

  private String formatted(String source) throws FormatterException {
    String imports =
        RemoveUnusedImports.removeUnusedImports(
            ImportOrderer.reorderImports(source, JavaFormatterOptions.Style.GOOGLE));
    return formatter.formatSource(imports);
  }
}
