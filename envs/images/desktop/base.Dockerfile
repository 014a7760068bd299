# The slow half of the desktop: Debian packages and VS Code. Rebuilt only when this file or the package
# list changes; the supervisor, the profiles and the home come on top (Dockerfile).
ARG BASE=debian:bookworm-slim
ARG CODE=riosim/code:latest
FROM ${CODE} AS code

FROM ${BASE}
ENV DEBIAN_FRONTEND=noninteractive LANG=C.UTF-8
COPY dpkg.conf /etc/dpkg/dpkg.cfg.d/riosim
COPY packages.txt /opt/riosim/wanted.txt
RUN apt-get update -qq \
    && grep -v '^#' /opt/riosim/wanted.txt | xargs apt-get install -y -qq --no-install-recommends \
    && apt-get clean && rm -rf /var/lib/apt/lists/* /var/cache/apt/*.bin /var/log/*.log /var/log/apt \
    && dpkg-query -W -f '${Package} ${Version} ${Architecture}\n' | sort > /opt/riosim/packages.txt
COPY --from=code /opt/code /opt/code
# GIMP asks each of its 180 plug-ins what it can do at a first start: 6 s, done here once. Two look for programs
# that are not there, at every start.
RUN rm -rf /usr/lib/gimp/2.0/plug-ins/file-darktable /usr/lib/gimp/2.0/plug-ins/file-rawtherapee \
    && mkdir /opt/riosim/gimp && HOME=/tmp/first gimp -i -b '(gimp-quit 0)' >/dev/null 2>&1 \
    && cp /tmp/first/.config/GIMP/2.10/pluginrc /opt/riosim/gimp/ && rm -rf /tmp/first
