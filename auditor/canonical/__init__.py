"""From what AWS says in one site to what all sites share: text, values, names, documents. Pure."""
