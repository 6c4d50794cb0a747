package dev.outboard.integration.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.outboard.integration.UserException;
import dev.outboard.integration.report.HtmlReport;
import dev.outboard.integration.report.Page;
import dev.outboard.integration.wire.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Supplier;

/** The files that {@code --json} and {@code --report} name; null stands for none. */
public final class Outputs {
  private Outputs() {}

  /** Before a minute is spent on something that can't be written. */
  public static void checkWritable(Path file) throws UserException {
    if (file == null) {
      return;
    }
    Path folder = file.toAbsolutePath().getParent();
    if (Files.isDirectory(file) || !Files.isDirectory(folder) || !Files.isWritable(folder)) {
      throw UserException.input("can't write " + file + ": name a file in a folder of yours", null);
    }
  }

  /** Writes a result as the API would. */
  public static void writeJson(Path file, Object result) throws UserException {
    if (file == null) {
      return;
    }
    try {
      Files.writeString(file, Json.api().writeValueAsString(result) + "\n");
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    } catch (IOException e) {
      throw new UserException("can't write " + file + ": " + e.getMessage(), e);
    }
  }

  /** Lays a page out and writes it. */
  public static void writePage(Path file, Supplier<Page> page) throws UserException {
    if (file == null) {
      return;
    }
    try {
      HtmlReport.write(file, page.get());
    } catch (IOException e) {
      throw new UserException("can't write " + file + ": " + e.getMessage(), e);
    }
  }
}
