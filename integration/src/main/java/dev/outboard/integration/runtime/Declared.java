package dev.outboard.integration.runtime;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.outboard.integration.wire.Json;
import dev.outboard.integration.wire.Problems;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * What was declared over the API, one file each, so that a daemon that was killed knows it again.
 * What is kept is what the user said, not what became of it: the next daemon plans it by the same
 * rules as a request. Any thread, one at a time for each name.
 *
 * <p>A file is written beside its place and renamed: a kill leaves the old one, or the new one, or
 * in addition a leftover that is not looked at. There is no fsync: it is the process that may end
 * at any time; when the host does, its guests end too.
 *
 * @param <T> the words in which it was declared
 */
abstract class Declared<T> {
  private static final int VERSION = 1;
  private static final String SUFFIX = ".json";
  private static final String UNFINISHED = ".new";
  private static final String SET_ASIDE = ".set-aside";

  private static final String VERSION_KEY = "version";

  private final Path directory;
  private final String kind;
  private final Class<T> type;
  private final Function<T, String> id;

  /**
   * What is declared of one kind.
   *
   * @param kind what the files call it
   * @param id its name
   */
  Declared(Path directory, String kind, Class<T> type, Function<T, String> id) {
    this.directory = directory;
    this.kind = kind;
    this.type = type;
    this.id = id;
  }

  /**
   * Keeps one.
   *
   * @param declared with an id that is a name, so that it can't leave the directory
   */
  public void save(T declared) throws IOException {
    ObjectNode entry = Json.api().createObjectNode().put(VERSION_KEY, VERSION);
    entry.set(kind, Json.api().valueToTree(declared));
    String name = id.apply(declared);
    Path unfinished = directory.resolve(name + SUFFIX + UNFINISHED);
    Files.writeString(unfinished, Json.api().writeValueAsString(entry) + "\n");
    Files.move(
        unfinished,
        file(name),
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
  }

  /** What is kept under a name, if anything. */
  public Optional<T> find(String id) throws IOException {
    return Files.exists(file(id)) ? Optional.of(read(file(id))) : Optional.empty();
  }

  /** Forgets one. Returns whether it was kept. */
  public boolean remove(String id) throws IOException {
    return Files.deleteIfExists(file(id));
  }

  /** Where one is kept. */
  public Path file(String id) {
    return directory.resolve(id + SUFFIX);
  }

  /**
   * Reads all of them, by name. A file that can't be read is renamed, so that nothing is lost and
   * the next start does not stumble over it again.
   *
   * @param log gets a line for each of those
   */
  public List<T> load(Consumer<String> log) throws IOException {
    if (!Files.isDirectory(directory)) {
      return List.of();
    }
    List<Path> files;
    try (Stream<Path> found = Files.list(directory)) {
      files = found.filter(file -> file.toString().endsWith(SUFFIX)).sorted().toList();
    }
    List<T> all = new ArrayList<>();
    for (Path file : files) {
      try {
        all.add(read(file));
      } catch (JsonProcessingException e) {
        setAside(file, "is torn or not ours (" + Problems.describe(e) + ")", log);
      } catch (IOException e) {
        setAside(file, e.getMessage(), log);
      }
    }
    return all;
  }

  private T read(Path file) throws IOException {
    JsonNode entry = Json.api().readTree(Files.readString(file));
    if (entry == null || entry.path(VERSION_KEY).asInt() != VERSION) {
      throw new IOException("is not of version " + VERSION);
    }
    T declared = entry.has(kind) ? Json.api().treeToValue(entry.get(kind), type) : null;
    if (declared == null || !file.equals(file(String.valueOf(id.apply(declared))))) {
      throw new IOException("is not about the " + kind + " in its name");
    }
    return declared;
  }

  private static void setAside(Path file, String why, Consumer<String> log) throws IOException {
    Path aside = file.resolveSibling(file.getFileName() + SET_ASIDE);
    Files.move(file, aside, StandardCopyOption.REPLACE_EXISTING);
    log.accept("warning: " + file + " " + why + "; set aside as " + aside.getFileName());
  }
}
