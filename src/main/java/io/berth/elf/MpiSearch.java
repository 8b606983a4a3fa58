package io.berth.elf;

import io.berth.container.InsideView;
import io.berth.elf.MpiLibrary.Client;
import io.berth.elf.MpiLibrary.Kind;
import io.berth.fault.FaultException;
import io.berth.files.Folders;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Looks for MPI libraries by the names of their files, then into them. What is read is bounded.
///
/// Source: names and texts in Open MPI 4.1 and MPICH 4.0 of Debian 12; libtool versions of Open MPI's releases.
final class MpiSearch {
    private static final List<String> OPEN_MPI = List.of("libmpi.so.40", "libmpi.so.20");
    /// The numbers that the MPICH family agreed on.
    private static final List<String> MPICH = List.of("libmpi.so.12", "libmpich.so.12");
    private static final int LARGEST = 256 << 20;
    private static final int AT_ONCE = 1 << 20;
    private static final int OVERLAP = 64;
    private static final int MOST_NAMES = 5000;
    private static final Pattern VERSION = Pattern.compile("\\x00([3-5]\\.\\d{1,2}(?:\\.\\d{1,3})?)\\x00");
    private static final Pattern NUMBERED = Pattern.compile("libmpi\\.so\\.(\\d+)\\.(\\d+)\\.\\d+");

    private final InsideView view;

    MpiSearch(InsideView view) {
        this.view = view;
    }

    Collection<MpiLibrary> in(Collection<String> folders) {
        Map<Path, MpiLibrary> found = new LinkedHashMap<>();
        for (String folder : folders) {
            for (String name : OPEN_MPI) {
                library(folder, name).ifPresent(file -> found.computeIfAbsent(file, key -> openMpi(key, folder, name)));
            }
            for (String name : MPICH) {
                library(folder, name).ifPresent(file -> found.computeIfAbsent(file, key -> mpich(key, folder, name)));
            }
        }
        return found.values();
    }

    private Optional<Path> library(String folder, String name) {
        return view.find(folder + "/" + name).filter(Files::isRegularFile).filter(Files::isReadable);
    }

    private MpiLibrary openMpi(Path file, String folder, String name) {
        Set<Client> clients = EnumSet.noneOf(Client.class);
        for (String below : List.of("/openmpi", "/openmpi/lib/openmpi3", "/openmpi/lib/openmpi")) {
            names(folder + below)
                    .forEach(component -> componentClient(component).ifPresent(clients::add));
        }
        for (String own : List.of(name, name.replace("libmpi", "libopen-pal"))) {
            library(folder, own).ifPresent(part -> clients.addAll(linked(part)));
        }
        if (clients.isEmpty()) {
            // components may be built in
            library(folder, name.replace("libmpi", "libopen-pal"))
                    .filter(part ->
                            text(part, Pattern.compile("(pmix3x|ext3x)")).isPresent())
                    .ifPresent(part -> clients.add(Client.PMIX));
        }
        return new MpiLibrary(Kind.OPEN_MPI, openMpiVersion(file), List.copyOf(clients), folder + "/" + name);
    }

    private static Optional<Client> componentClient(String component) {
        if (component.matches("mca_pmix_(ext|pmix)\\d+x?\\.so")) {
            return Optional.of(Client.PMIX);
        }
        return switch (component) {
            case "mca_pmix_s1.so" -> Optional.of(Client.PMI_1);
            case "mca_pmix_s2.so" -> Optional.of(Client.PMI_2);
            default -> Optional.empty();
        };
    }

    /// The file's number tells the series; texts of that series tell the rest.
    private static String openMpiVersion(Path file) {
        Matcher number = NUMBERED.matcher(String.valueOf(file.getFileName()));
        String series = number.matches() ? series(number.group(1) + "." + number.group(2)) : "";
        return text(file, VERSION).filter(version -> version.startsWith(series)).orElse(series);
    }

    private static String series(String number) {
        return switch (number) {
            case "40.40" -> "5.0";
            case "40.30" -> "4.1";
            case "40.20" -> "4.0";
            case "40.10" -> "3.1";
            case "40.0" -> "3.0";
            case "20.10" -> "2.1";
            case "20.0" -> "2.0";
            default -> "";
        };
    }

    private static MpiLibrary mpich(Path file, String folder, String name) {
        String path = folder + "/" + name;
        if (text(file, Pattern.compile("(Intel\\(R\\) MPI Library)")).isPresent()) {
            return new MpiLibrary(Kind.INTEL_MPI, "", List.of(), path);
        }
        Set<Client> clients = linked(file);
        // without a library for it MPICH has its own, the simple protocol over PMI_FD
        List<Client> spoken = clients.isEmpty() ? List.of(Client.PMI_1) : List.copyOf(clients);
        return new MpiLibrary(Kind.MPICH, text(file, VERSION).orElse(""), spoken, path);
    }

    private static Set<Client> linked(Path file) {
        Set<Client> clients = EnumSet.noneOf(Client.class);
        try {
            ElfFile.read(file).map(ElfFile::needed).orElse(List.of()).forEach(library -> {
                if (library.startsWith("libpmix.so")) {
                    clients.add(Client.PMIX);
                } else if (library.startsWith("libpmi2.so")) {
                    clients.add(Client.PMI_2);
                } else if (library.startsWith("libpmi.so")) {
                    clients.add(Client.PMI_1);
                }
            });
        } catch (IOException e) {
            throw FaultException.io("reading " + file, e);
        }
        return clients;
    }

    private List<String> names(String folder) {
        Optional<Path> there = view.find(folder).filter(Files::isDirectory).filter(Files::isReadable);
        if (there.isEmpty()) {
            return List.of();
        }
        try {
            return Folders.entries(there.get(), MOST_NAMES).stream()
                    .map(entry -> String.valueOf(entry.getFileName()))
                    .toList();
        } catch (IOException e) {
            throw FaultException.io("listing " + there.get(), e);
        }
    }

    /// The first group of the first match in a file's bytes.
    private static Optional<String> text(Path file, Pattern pattern) {
        byte[] bytes = new byte[AT_ONCE + OVERLAP];
        int kept = 0;
        try (InputStream in = Files.newInputStream(file)) {
            for (long done = 0; done < LARGEST; done += AT_ONCE) {
                int read = in.readNBytes(bytes, kept, AT_ONCE);
                int length = kept + read;
                Matcher matcher = pattern.matcher(new String(bytes, 0, length, StandardCharsets.ISO_8859_1));
                if (matcher.find()) {
                    return Optional.of(matcher.group(1));
                }
                if (read < AT_ONCE) {
                    return Optional.empty();
                }
                kept = Math.min(OVERLAP, length);
                System.arraycopy(bytes, length - kept, bytes, 0, kept);
            }
            return Optional.empty();
        } catch (IOException e) {
            throw FaultException.io("reading " + file, e);
        }
    }
}
