package dev.outboard.integration.config;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.outboard.integration.UserException;
import dev.outboard.integration.wire.Json;
import dev.outboard.integration.wire.Problems;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.reader.ReaderException;

/** Reads the configuration file and turns it into a {@link Plan}. Called once, at start. */
public final class ConfigFile {
  private static final ObjectMapper YAML =
      Json.strict(YAMLMapper.builder())
          .propertyNamingStrategy(PropertyNamingStrategies.KEBAB_CASE)
          .build();

  private ConfigFile() {}

  /** The plan when there is no file. */
  public static Plan defaults(Planner planner) throws UserException {
    return plan("(no file)", "", planner);
  }

  /** Reads and checks the whole file. */
  public static Plan read(Path file, Planner planner) throws UserException {
    return plan(file.toString(), text(file), planner);
  }

  /**
   * Where plugins are: they must be known before the rest can be planned. If the file does not say,
   * {@code plugins} beside it, which need not exist.
   */
  public static Path plugins(Path file) throws UserException {
    Config config = parse(file.toString(), text(file));
    Path beside = file.toAbsolutePath().resolveSibling("plugins");
    if (config.plugins() == null) {
      return beside;
    }
    Path given = file.toAbsolutePath().resolveSibling(config.plugins()).normalize();
    if (!Files.isDirectory(given)) {
      int line = source(file.toString(), text(file)).line(List.of("plugins"));
      throw UserException.input(
          "%s:%d: plugins: there is no directory %s; make it or leave the key out"
              .formatted(file, line, given),
          null);
    }
    return given;
  }

  private static String text(Path file) throws UserException {
    try {
      return Files.readString(file);
    } catch (NoSuchFileException e) {
      throw UserException.input(
          file + ": no such file; docs/outboard.example.yaml is one to start from", e);
    } catch (AccessDeniedException e) {
      throw UserException.input(file + ": not readable for this user", e);
    } catch (CharacterCodingException e) {
      throw UserException.input(file + ": not UTF-8 text", e);
    } catch (IOException e) {
      throw UserException.input(file + ": not readable: " + e.getMessage(), e);
    }
  }

  private static Plan plan(String name, String text, Planner planner) throws UserException {
    try {
      return planner.plan(parse(name, text));
    } catch (InvalidValueException e) {
      int line = source(name, text).line(e.path());
      throw UserException.input(name + ":" + line + ": " + e.getMessage(), e);
    }
  }

  private static Config parse(String name, String text) throws UserException {
    SourceText source = source(name, text);
    try {
      return source.isEmpty() ? Config.empty() : YAML.readValue(text, Config.class);
    } catch (JsonProcessingException e) {
      int line = source.line(Problems.path(e));
      if (Problems.path(e).isEmpty() && e.getLocation() != null) {
        line = e.getLocation().getLineNr();
      }
      throw UserException.input(name + ":" + line + ": " + Problems.describe(e), e);
    }
  }

  private static SourceText source(String name, String text) throws UserException {
    try {
      return new SourceText(text);
    } catch (ReaderException e) {
      throw UserException.input(name + ": not YAML: it has control characters", e);
    } catch (MarkedYAMLException e) {
      int line = e.getProblemMark() == null ? 1 : e.getProblemMark().getLine() + 1;
      throw UserException.input(name + ":" + line + ": not YAML: " + e.getProblem(), e);
    }
  }
}
