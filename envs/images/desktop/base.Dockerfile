# The slow half of the desktop: Debian packages and VS Code. Rebuilt only when this file or the package
# list changes; the supervisor, the profiles and the home come on top (Dockerfile).
ARG BASE=debian:bookworm-slim
ARG CODE=riosim/code:latest
FROM ${CODE} AS code

FROM ${BASE}
ENV DEBIAN_FRONTEND=noninteractive LANG=C.UTF-8
COPY dpkg.conf /etc/dpkg/dpkg.cfg.d/local
COPY packages.txt /usr/lib/deskd/wanted.txt
COPY offline.txt /usr/lib/deskd/offline.txt
# What a task may install, or purge and install anew, lies on the disk: it is apt's only source, for there is
# no network. It is fetched in the same breath, so that its versions fit.
RUN apt-get update -qq \
    && grep -v '^#' /usr/lib/deskd/wanted.txt | xargs apt-get install -y -qq --no-install-recommends \
    && apt-get clean \
    && grep -v '^#' /usr/lib/deskd/offline.txt | xargs apt-get install -y -qq --no-install-recommends --download-only \
    && mkdir /usr/share/packages && mv /var/cache/apt/archives/*.deb /usr/share/packages/ \
    && apt-get install -y -qq --no-install-recommends apt-utils \
    && (cd /usr/share/packages && apt-ftparchive packages . > Packages) \
    && apt-get purge -y -qq --autoremove apt-utils && apt-get clean \
    && rm -rf /etc/apt/sources.list.d/* /var/lib/apt/lists/* \
    && echo 'deb [trusted=yes] file:/usr/share/packages ./' > /etc/apt/sources.list && apt-get update -qq \
    && rm -rf /var/cache/apt/*.bin /var/log/*.log /var/log/apt \
    && dpkg-query -W -f '${Package} ${Version} ${Architecture}\n' | sort > /usr/lib/deskd/packages.txt
COPY --from=code /opt/code /opt/code
# GIMP asks each of its 180 plug-ins what it can do at a first start: 6 s, done here once. Two look for programs
# that are not there, at every start.
RUN rm -rf /usr/lib/gimp/2.0/plug-ins/file-darktable /usr/lib/gimp/2.0/plug-ins/file-rawtherapee \
    && mkdir /usr/lib/deskd/gimp && HOME=/tmp/first gimp -i -b '(gimp-quit 0)' >/dev/null 2>&1 \
    && cp /tmp/first/.config/GIMP/2.10/pluginrc /usr/lib/deskd/gimp/ && rm -rf /tmp/first
