package dev.outboard.integration.runtime;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.outboard.integration.wire.GuestRequest;
import dev.outboard.integration.wire.Json;
import dev.outboard.integration.wire.Problems;
import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * The guests that were attached over the API, one file each, so that a daemon that was killed knows
 * them again. What is kept is what the user said, not what became of it: the next daemon plans it
 * by the same rules as a request. Any thread, one at a time for each guest.
 *
 * <p>A file is written beside its place and renamed: a kill leaves the old one, or the new one, or
 * in addition a leftover that is not looked at. There is no fsync: it is the process that may end
 * at any time; when the host does, its guests end too.
 */
public final class DeclaredGuests {
  private static final int VERSION = 1;
  private static final String SUFFIX = ".json";
  private static final String UNFINISHED = ".new";
  private static final String SET_ASIDE = ".set-aside";

  private final Path directory;

  /** What is in a file. */
  private record Entry(int version, GuestRequest guest) {}

  @Inject
  DeclaredGuests(RuntimeDirectory runtime) {
    directory = runtime.guests();
  }

  /**
   * Keeps a guest.
   *
   * @param guest with an id that is a name, so that it can't leave the directory
   */
  public void save(GuestRequest guest) throws IOException {
    Path unfinished = directory.resolve(guest.id() + SUFFIX + UNFINISHED);
    Files.writeString(unfinished, Json.api().writeValueAsString(new Entry(VERSION, guest)) + "\n");
    Files.move(
        unfinished,
        file(guest.id()),
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
  }

  /** Forgets a guest. Returns whether it was kept. */
  public boolean remove(String id) throws IOException {
    return Files.deleteIfExists(file(id));
  }

  /** Where a guest is kept. */
  public Path file(String id) {
    return directory.resolve(id + SUFFIX);
  }

  /**
   * Reads all of them, by name. A file that can't be read is renamed, so that nothing is lost and
   * the next start does not stumble over it again.
   *
   * @param log gets a line for each of those
   */
  public List<GuestRequest> load(Consumer<String> log) throws IOException {
    List<Path> files;
    try (Stream<Path> all = Files.list(directory)) {
      files = all.filter(file -> file.toString().endsWith(SUFFIX)).sorted().toList();
    }
    List<GuestRequest> guests = new ArrayList<>();
    for (Path file : files) {
      try {
        guests.add(read(file));
      } catch (JsonProcessingException e) {
        setAside(file, "is torn or not ours (" + Problems.describe(e) + ")", log);
      } catch (IOException e) {
        setAside(file, e.getMessage(), log);
      }
    }
    return guests;
  }

  private GuestRequest read(Path file) throws IOException {
    Entry entry = Json.api().readValue(Files.readString(file), Entry.class);
    if (entry == null || entry.version() != VERSION) {
      throw new IOException("is not of version " + VERSION);
    }
    if (entry.guest() == null || !file.equals(file(String.valueOf(entry.guest().id())))) {
      throw new IOException("is not about the guest in its name");
    }
    return entry.guest();
  }

  private static void setAside(Path file, String why, Consumer<String> log) throws IOException {
    Path aside = file.resolveSibling(file.getFileName() + SET_ASIDE);
    Files.move(file, aside, StandardCopyOption.REPLACE_EXISTING);
    log.accept("warning: " + file + " " + why + "; set aside as " + aside.getFileName());
  }
}
