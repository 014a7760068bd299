# The slow half of the stage: Debian packages and wheels. Our own Python comes on top (Dockerfile).
ARG BASE=debian:bookworm-slim
FROM ${BASE}
ENV DEBIAN_FRONTEND=noninteractive LANG=C.UTF-8
COPY dpkg.conf /etc/dpkg/dpkg.cfg.d/riosim
COPY packages.txt /opt/riosim/wanted.txt
# noVNC's package drags in 200 MB for its server; only its pages are wanted.
RUN apt-get update -qq \
    && grep -v '^#' /opt/riosim/wanted.txt | xargs apt-get install -y -qq --no-install-recommends \
    && cd /tmp && apt-get download -qq novnc && dpkg -x novnc_*.deb /tmp/novnc \
    && mv /tmp/novnc/usr/share/novnc /usr/share/novnc && rm -rf /tmp/novnc* \
    && apt-get clean && rm -rf /var/lib/apt/lists/* /var/cache/apt/*.bin /var/log/*.log /var/log/apt \
    && dpkg-query -W -f '${Package} ${Version} ${Architecture}\n' | sort > /opt/riosim/packages.txt
COPY wheels /tmp/wheels
RUN for wheel in /tmp/wheels/*.whl; do \
        python3 -m zipfile -e "$wheel" /usr/local/lib/python3.11/dist-packages || exit 1; done \
    && rm -rf /tmp/wheels \
    && printf '#!/bin/sh\nexec python3 -m websockify "$@"\n' > /usr/local/bin/websockify \
    && chmod 755 /usr/local/bin/websockify \
    && python3 -m compileall -q /usr/local/lib/python3.11/dist-packages
